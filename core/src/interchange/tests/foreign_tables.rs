use super::super::foreign::Names;
use super::super::{Contents, Options, read};
use super::routes;
use crate::routing::{Edge, Fate, Scope};

const JSON: &str = r#"{"type": "meta", "model_id": "m", "num_experts": 4, "top_k": 2}
{"type": "route", "req_id": "r1", "token_idx": 0, "layer": 1, "topk_ids": [3, 0], "topk_weights": [0.75, 0.25]}
{"type": "route", "req_id": "r0", "token_idx": 0, "layer": 1, "topk_ids": [1, 2], "topk_weights": [0.5, 0.4]}
{"type": "route", "req_id": "r1", "token_idx": 0, "layer": 0, "topk_ids": [0, 1], "topk_weights": [1, 0]}
"#;

#[test]
fn a_log_of_json_lines_becomes_one_decision_for_each_layer() {
    let routes = routes(JSON);
    assert_eq!(routes.format, "routing log (JSON Lines)");
    let scopes: Vec<_> = routes.decisions.iter().map(|traced| traced.decision.scope).collect();
    assert_eq!(scopes, [Scope::Layer(0), Scope::Layer(1)]);
    let second = &routes.decisions[1].decision;
    assert_eq!((second.units, second.slots.len()), (2, 4));
    let edge =
        |unit, slot, rank, weight| Edge { rank, score: weight, combine: weight, ..Edge::kept(unit, slot) };
    assert_eq!(
        second.edges,
        [edge(0, 3, 0, 0.75), edge(0, 0, 1, 0.25), edge(1, 1, 0, 0.5), edge(1, 2, 1, 0.4)]
    );
    assert_eq!(second.keys.sequence.as_deref(), Some(&[0, 1][..]));
    assert_eq!(second.keys.position.as_deref(), Some(&[0, 0][..]));
    assert_eq!(routes.names.sequence, ["r1", "r0"]);
    let first = &routes.decisions[0].decision;
    assert_eq!(first.valid, [true, false], "the second unit has no row in layer 0");
    assert!(!routes.drops_known && routes.weights_known && routes.notes.is_empty(), "{:?}", routes.notes);
}

#[test]
fn a_log_without_its_number_of_experts_says_what_it_takes() {
    let row = r#"{"token_idx": 0, "topk_ids": [5], "latency": 3}"#;
    let routes = routes(row);
    assert_eq!(routes.decisions[0].decision.slots.len(), 6);
    assert!(routes.notes.iter().any(|note| note.contains("`latency` is not read")), "{:?}", routes.notes);
    assert!(routes.notes.iter().any(|note| note.contains("6 are taken")), "{:?}", routes.notes);
    assert!(!routes.weights_known);
    let options = Options { experts: Some(8), ..Options::default() };
    let Contents::Routes(routes) = read(row.as_bytes(), &options).unwrap() else { panic!("routes") };
    assert_eq!(routes.decisions[0].decision.slots.len(), 8);
}

#[test]
fn a_log_of_csv_becomes_the_same_decisions() {
    let csv = "\u{feff}layer,sequence,unit,expert,weight,position,domain,fate,step,who\r\n\
               0,a,7,2,0.25,3,code,kept,10,x\r\n\
               0,a,7,0,0.75,3,code,kept,10,x\r\n\
               0,b,7,1,1.0,0,prose,dropped,10,x\r\n\
               0,a,7,1,1,3,code,kept,20,x\r\n";
    let routes = routes(csv);
    assert_eq!(routes.format, "routing log (CSV)");
    assert_eq!(routes.decisions.len(), 2);
    let first = &routes.decisions[0].decision;
    assert_eq!((first.step, first.units), (10, 2));
    let ranks: Vec<_> = first.edges.iter().map(|edge| (edge.unit, edge.slot, edge.rank, edge.fate)).collect();
    assert_eq!(
        ranks,
        [(0, 0, 0, Fate::Kept), (0, 2, 1, Fate::Kept), (1, 1, 0, Fate::Dropped)],
        "by falling weight"
    );
    assert_eq!(first.keys.position.as_deref(), Some(&[3, 0][..]));
    assert_eq!(first.keys.domain.as_deref(), Some(&[0, 1][..]));
    let names = Names {
        sequence: vec!["a".into(), "b".into()],
        class: vec![],
        domain: vec!["code".into(), "prose".into()],
    };
    assert_eq!(routes.names, names);
    assert!(routes.drops_known);
    assert!(routes.notes.iter().any(|note| note == "The column `who` is not read."), "{:?}", routes.notes);
}

#[test]
fn ranks_of_the_file_and_the_order_of_rows_are_kept() {
    let ranked = routes("expert,unit,rank\n2,0,1\n1,0,0\n");
    let edges: Vec<_> =
        ranked.decisions[0].decision.edges.iter().map(|edge| (edge.slot, edge.rank)).collect();
    assert_eq!(edges, [(1, 0), (2, 1)]);
    let plain = routes("expert,position\n2,4\n1,4\n0,3\n");
    let decision = &plain.decisions[0].decision;
    let edges: Vec<_> = decision.edges.iter().map(|edge| (edge.unit, edge.slot, edge.rank)).collect();
    assert_eq!(edges, [(0, 0, 0), (1, 2, 0), (1, 1, 1)]);
    assert_eq!(decision.keys.position.as_deref(), Some(&[3, 4][..]), "the position names the unit");
}

#[test]
fn a_load_table_holds_every_share_and_says_which_columns_it_leaves() {
    let csv = "subject,questions,layer,expert,fraction\nart,9,2,1,0.25\nart,9,2,0,0.75\nlaw,8,2,0,0.5\nlaw,8,2,1,0.5\n";
    let Contents::Loads(table) = read(csv.as_bytes(), &Options::default()).unwrap() else { panic!("loads") };
    assert_eq!((table.context_title.as_str(), table.experts), ("subject", 2));
    assert_eq!(table.contexts, ["art", "law"]);
    assert_eq!(table.layers, [2]);
    assert_eq!((table.row(0, 0), table.row(1, 0)), (&[0.75, 0.25][..], &[0.5, 0.5][..]));
    assert!(table.notes.iter().any(|note| note.contains("`questions` has one value for each `subject`")));
    let two = csv.replace("law,8", "art,8");
    let Contents::Loads(table) = read(two.as_bytes(), &Options::default()).unwrap() else { panic!("loads") };
    assert_eq!(table.contexts, ["art, 9", "art, 8"]);
    let Contents::Loads(table) = read(b"expert,fraction\n0,1\n", &Options::default()).unwrap() else {
        panic!("loads")
    };
    assert_eq!((table.contexts.len(), table.layers.as_slice()), (1, &[0][..]));
}
