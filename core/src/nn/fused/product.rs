//! Matrix products on slices, natively: straight into the memory of their result, and by rows on several threads.
//!
//! The default backend clears and copies the result of each of its products, and gives a bias or a corner of a larger
//! matrix a pass of its own. A row's numbers are the same bits whatever else is in the product, so the number of
//! threads changes nothing.

use burn::backend::flex::FlexTensor;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::flat::ordered;

/// How many multiplications are worth a second thread.
const WORTH_SHARING: usize = 1 << 20;
/// Rows are handed out in multiples of this.
const BLOCK: usize = 16;

/// A matrix in a slice: the numbers of a row lie side by side, or those of a column where it is turned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    /// From one row, or turned from one column, to the next.
    stride: usize,
    turned: bool,
}

impl<'a> Matrix<'a> {
    /// Rows that follow each other.
    pub fn new(numbers: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { numbers, rows, columns, stride: columns, turned: false }
    }

    /// A single-precision tensor of two dimensions of which one is laid out without gaps: also a part of a larger one, or
    /// its transpose. `None` of any other.
    pub fn of(tensor: &'a FlexTensor) -> Option<Self> {
        let layout = tensor.layout();
        let (&[rows, columns], &[down, along]) = (layout.shape().as_slice(), layout.strides()) else {
            return None;
        };
        let numbers = tensor.storage::<f32>().get(layout.start_offset()..)?;
        let [down, along] = [down, along].map(|stride| usize::try_from(stride).ok());
        match (down?, along?) {
            (stride, 1) if stride >= columns => Some(Self { numbers, rows, columns, stride, turned: false }),
            (1, stride) if stride >= rows => Some(Self { numbers, rows, columns, stride, turned: true }),
            _ => None,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Its transpose.
    pub fn turn(self) -> Self {
        Self { rows: self.columns, columns: self.rows, turned: !self.turned, ..self }
    }

    /// `rows` rows and `columns` columns of it, from this row and column on.
    ///
    /// # Panics
    /// If it is smaller than that.
    pub fn part(self, [row, column]: [usize; 2], [rows, columns]: [usize; 2]) -> Self {
        assert!(row + rows <= self.rows && column + columns <= self.columns, "a part lies within its matrix");
        let start = if self.turned { column * self.stride + row } else { row * self.stride + column };
        Self { numbers: self.numbers.get(start..).unwrap_or(&[]), rows, columns, ..self }
    }

    fn view(self) -> MatRef<'a, f32> {
        let [across, along] = if self.turned { [self.columns, self.rows] } else { [self.rows, self.columns] };
        let view = MatRef::from_column_major_slice_with_stride(self.numbers, along, across, self.stride);
        if self.turned { view } else { view.transpose() }
    }
}

/// Writes `a b` into the leading columns of rows of `stride` numbers, or adds it to what is there.
///
/// # Panics
/// If the matrices do not fit each other, or `out`.
pub(crate) fn multiply(out: &mut [f32], stride: usize, how: Accum, a: Matrix<'_>, b: Matrix<'_>) {
    let out = MatMut::from_column_major_slice_with_stride_mut(out, b.columns, a.rows, stride);
    matmul(out.transpose_mut(), how, a.view(), b.view(), 1.0, Par::Seq);
    settle();
}

/// Clears the upper halves of the vector registers, which the kernels leave behind: while they hold something, each of
/// the narrow instructions that ordinary code is made of takes longer (a step as a whole did). A function compiled for
/// wide vectors clears them when it ends.
fn settle() {
    super::rows::wide(|| {
        std::hint::black_box([0f32; 16]);
    });
}

/// The tensor, with its numbers in order where [`Matrix::of`] could not read it as it is.
pub(crate) fn readable(tensor: FlexTensor) -> FlexTensor {
    if Matrix::of(&tensor).is_some() { tensor } else { ordered(tensor) }
}

/// The matrix of a tensor that was made [`readable`].
pub(crate) fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    match Matrix::of(tensor) {
        Some(matrix) => matrix,
        None => unreachable!("the tensor has two dimensions and was made readable: the caller did so"),
    }
}

/// Whether so many multiplications are worth a second thread.
pub(crate) fn is_worth_sharing(multiplications: usize) -> bool {
    multiplications >= WORTH_SHARING && rayon::current_num_threads() > 1
}

/// Calls `each` for parts of `out` that hold whole rows of `stride` numbers, with the place of the first: as many parts as
/// there are threads where there is enough to do.
pub(crate) fn by_rows(
    out: &mut [f32],
    stride: usize,
    multiplications: usize,
    each: impl Fn(usize, &mut [f32]) + Sync,
) {
    let stride = stride.max(1);
    let rows = out.len() / stride;
    let threads = if is_worth_sharing(multiplications) { rayon::current_num_threads() } else { 1 };
    let part = rows.div_ceil(threads).next_multiple_of(BLOCK);
    if part >= rows {
        return each(0, out);
    }
    out.par_chunks_mut(part * stride).enumerate().for_each(|(place, out)| each(place * part, out));
}

/// `a b` as rows that follow each other.
pub(crate) fn product(a: Matrix<'_>, b: Matrix<'_>) -> Vec<f32> {
    let mut out = vec![0.0; a.rows * b.columns];
    product_into(&mut out, b.columns, a, b);
    out
}

/// Writes `a b` into the leading rows and columns of a matrix with rows of `stride` numbers.
pub(crate) fn product_into(out: &mut [f32], stride: usize, a: Matrix<'_>, b: Matrix<'_>) {
    let Some(out) = out.get_mut(..a.rows * stride) else {
        unreachable!("the caller has made room for {} rows of {stride} numbers", a.rows)
    };
    by_rows(out, stride, a.rows * a.columns * b.columns, |first, out| {
        let rows = out.len() / stride.max(1);
        multiply(out, stride, Accum::Replace, a.part([first, 0], [rows, a.columns]), b);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn numbers(name: &str, count: usize) -> Vec<f32> {
        let mut stream = Streams::new(5).stream(name);
        (0..count).map(|_| stream.uniform(-1.0, 1.0) as f32).collect()
    }

    /// Loops in double precision.
    fn reference(
        a: impl Fn(usize, usize) -> f32,
        b: impl Fn(usize, usize) -> f32,
        [m, k, n]: [usize; 3],
    ) -> Vec<f64> {
        let entry = |row, column| (0..k).map(|at| f64::from(a(row, at)) * f64::from(b(at, column))).sum();
        (0..m * n).map(|place| entry(place / n, place % n)).collect()
    }

    #[test]
    fn products_of_matrices_turned_and_cut_agree_with_loops() {
        for [m, k, n] in [[1, 1, 1], [3, 5, 2], [17, 33, 9], [64, 40, 70], [130, 600, 50]] {
            let (a, b) = (numbers("a", (m + 2) * (k + 3)), numbers("b", (k + 1) * (n + 4)));
            let expected = reference(
                |row, at| a[(row + 1) * (k + 3) + at + 2],
                |at, column| b[at * (n + 4) + column + 3],
                [m, k, n],
            );
            let a_turned: Vec<f32> = (0..a.len()).map(|p| a[(p % (m + 2)) * (k + 3) + p / (m + 2)]).collect();
            let b_turned: Vec<f32> = (0..b.len()).map(|p| b[(p % (k + 1)) * (n + 4) + p / (k + 1)]).collect();
            let left = [Matrix::new(&a, m + 2, k + 3), Matrix::new(&a_turned, k + 3, m + 2).turn()];
            let right = [Matrix::new(&b, k + 1, n + 4), Matrix::new(&b_turned, n + 4, k + 1).turn()];
            for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (a, b))) {
                let found = product(a.part([1, 2], [m, k]), b.part([0, 3], [k, n]));
                for (found, expected) in found.iter().zip(&expected) {
                    assert!(
                        (f64::from(*found) - expected).abs() < 1e-5 * k as f64,
                        "{found}, not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_product_is_written_into_a_corner_and_added_to_what_is_there() {
        let (a, b) = (numbers("a", 6), numbers("b", 6));
        let (a, b) = (Matrix::new(&a, 2, 3), Matrix::new(&b, 3, 2));
        let plain = product(a, b);
        let mut corner = vec![7.0; 3 * 5];
        product_into(&mut corner, 5, a, b);
        assert_eq!([&corner[..2], &corner[5..7]].concat(), plain);
        assert!(corner.iter().filter(|number| **number == 7.0).count() == 11, "nothing else was touched");
        let mut more = vec![1.0; 4];
        multiply(&mut more, 2, Accum::Add, a, b);
        for (more, plain) in more.iter().zip(plain) {
            assert!((more - plain - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        for [m, k, n] in [[512, 128, 128], [515, 600, 96], [96, 512, 257], [1000, 40, 60]] {
            let (a, b) = (numbers("a", m * k), numbers("b", k * n));
            for turned in [false, true] {
                let a = if turned { Matrix::new(&a, k, m).turn() } else { Matrix::new(&a, m, k) };
                let on = |threads: usize| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                    let pool = pool.expect("a few threads can be started");
                    pool.install(|| product(a, Matrix::new(&b, k, n)))
                };
                let one = on(1);
                for threads in [2, 3, 7] {
                    assert!(on(threads) == one, "{m} x {k} x {n} on {threads} threads");
                }
            }
        }
    }
}
