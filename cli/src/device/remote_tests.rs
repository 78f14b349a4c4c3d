//! Networks on a device that a server in this process lends: the numbers of this process, also of those that are merged on
//! their way.

use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::server::{RemoteServer, WebSocketTransport};
use switchyard::nn::attention::{Sequences, attend};
use switchyard::nn::fused::Mask;
use switchyard::rng::Streams;
use switchyard::supernet::transformer::{
    ElasticTransformer, PairBatch, Sharing, Side, TransformerArchitecture, TransformerSpace,
};

use super::connect;

/// Lends the processor until the test ends.
fn lent(runtime: &tokio::runtime::Runtime) -> Device {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let place = listener.local_addr().expect("it is bound");
    let transport = WebSocketTransport::from_listener(listener);
    drop(runtime.spawn(RemoteServer::new([Device::flex()]).serve_async(transport)));
    connect(&format!("ws://{place}")).expect("the server answers")
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("single precision")
}

fn assert_near(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0), "{what}: {found}, not {expected}");
    }
}

/// The loss of a translating network, and the gradient of its embedding, after a step so that what is merged comes again.
fn translator(device: &Device) -> [Vec<f32>; 2] {
    let side = Side { widths: vec![8], depths: vec![2], ffn: vec![8, 16], heads: vec![2] };
    let space = TransformerSpace {
        encoder: side.clone(),
        decoder: side,
        cross_heads: vec![2],
        attend: vec![1, 2],
        inner: 8,
    };
    let tape = device.clone().autodiff();
    let network = ElasticTransformer::new(space.clone(), 12, Sharing::Plain(1.0), &Streams::new(1), &tape);
    let architectures: [TransformerArchitecture; 2] = [space.largest(), space.smallest()];
    let (mut losses, mut slopes) = (Vec::new(), Vec::new());
    for round in 0..2 {
        for architecture in &architectures {
            let words = [vec![4, 5, 6 + round], vec![7, 8]];
            let batch = PairBatch::new(&[(&words[0], &words[1]), (&words[1], &words[0])], device);
            let subnet = network.subnet(architecture).expect("it is in the space");
            let loss = subnet.loss(&batch, 0.1, None);
            losses.extend(numbers(loss.clone().inner()));
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            let slope = gradients.get::<2>(network.embedding.id).expect("it learns");
            slopes.extend(numbers(slope));
        }
    }
    [losses, slopes]
}

#[test]
fn networks_compute_there_what_they_compute_here() {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let (here, there) = (Device::flex(), lent(&runtime));
    let [loss, slope] = translator(&here);
    let [loss_there, slope_there] = translator(&there);
    assert_near(&loss_there, &loss, "loss");
    assert_near(&slope_there, &slope, "gradient");
    let attended = |device: &Device| {
        let row: Vec<f32> = (0..144).map(|number| (number as f32).sin()).collect();
        let qkv = Tensor::<1>::from_floats(row.as_slice(), device).reshape([6, 24]);
        numbers(attend(qkv, Sequences { count: 2, length: 3 }, 2, Mask::Causal))
    };
    assert_near(&attended(&there), &attended(&here), "attention");
}
