//! Which backends carry the operations out: the one place that names them.
//!
//! The default backend has fast bodies on slices. Every other runs the portable bodies of tensor operations: the older
//! CPU backend; graphics processors, where chains of them are merged again; and devices of another process, which are
//! sent the tensor operations themselves, so that a server needs to know none of ours.

/// Declares an operation that is dispatched by its tensors' device: a trait of backends. After `Autodiff =>` it is also
/// carried out on tensors with a gradient tape.
#[rustfmt::skip] // The attribute's arguments would be moved further to the right each time.
macro_rules! dispatched {
    (Autodiff => $operation:item) => {
        #[burn::backend::backend_extension(
            Flex: cfg(feature = "flex"),
            NdArray: cfg(feature = "ndarray"),
            Cube: cfg(any(feature = "wgpu", feature = "cuda")),
            Remote: cfg(feature = "remote"),
            Autodiff
        )]
        $operation
    };
    ($operation:item) => {
        #[burn::backend::backend_extension(
            Flex: cfg(feature = "flex"),
            NdArray: cfg(feature = "ndarray"),
            Cube: cfg(any(feature = "wgpu", feature = "cuda")),
            Remote: cfg(feature = "remote")
        )]
        $operation
    };
}

/// `impl` of a trait for every backend, with one body.
macro_rules! everywhere {
    (impl $name:ident { $($body:tt)* }) => {
        #[cfg(feature = "flex")]
        impl $name for burn::backend::Flex { $($body)* }

        crate::nn::fused::backends::portable! { impl $name { $($body)* } }
    };
}

/// `impl` of a trait for every backend but the default one, whose body is faster.
macro_rules! portable {
    (impl $name:ident { $($body:tt)* }) => {
        #[cfg(feature = "ndarray")]
        #[allow(deprecated)]
        impl $name for burn::backend::NdArray { $($body)* }

        #[cfg(any(feature = "wgpu", feature = "cuda"))]
        impl $name for burn::backend::Cube { $($body)* }

        #[cfg(feature = "remote")]
        impl $name for burn::backend::Remote { $($body)* }
    };
}

pub(crate) use {dispatched, everywhere, portable};
