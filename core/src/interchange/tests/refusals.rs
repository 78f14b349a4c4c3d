use super::super::limits::{MOST_COLUMNS, MOST_EXPERTS, MOST_LAYERS, MOST_PICKS};
use super::super::{Options, json_lines, read};
use super::{refusal, round_trip};
use crate::Error;
use crate::rng::Streams;

/// Each text with words that its refusal must say.
fn expect(cases: &[(&str, &[&str])]) {
    for (text, words) in cases {
        let said = refusal(text);
        for word in *words {
            assert!(
                said.contains(word),
                "`{word}` is missing in `{said}` about `{}`",
                text.chars().take(200).collect::<String>()
            );
        }
    }
}

#[test]
fn bytes_of_no_known_format_are_refused() {
    expect(&[
        ("", &["empty"]),
        (" \n\n", &["empty"]),
        ("[1]", &["JSON list", "line 1, column 1"]),
        ("{", &["line 1", "cut off"]),
        ("{\n}\n", &["line 1", "one object must stand on one line"]),
        (r#"{"a": 1}"#, &["fields a", "switchyard-trace", "topk_ids"]),
        (r#"{"schema_version":1,"event":"stage","name":"x","tasks":1}"#, &["switchyard trace"]),
        ("x,y\n1,2\n", &["line 1", "no column `expert`", "x, y"]),
    ]);
    let error = read(b"ab\xff", &Options::default()).unwrap_err();
    assert!(matches!(&error, Error::MalformedData { column: Some(3), .. }), "{error}");
    let none = Options { experts: Some(0), ..Options::default() };
    assert!(matches!(read(b"x", &none), Err(Error::OutOfRange { .. })));
}

#[test]
fn traces_of_other_versions_and_schemas_are_refused_before_anything_is_read() {
    expect(&[
        (r#"{"schema":"switchyard-trace","version":2,"new":1}"#, &["line 1", "version 2", "reads version 1"]),
        (r#"{"schema":"switchyard-trace","version":"1"}"#, &["version \"1\"", "reads version 1"]),
        (r#"{"schema":"switchyard-trace"}"#, &["no `version`"]),
        (r#"{"schema":"other","version":1}"#, &["`other`", "`switchyard-trace`"]),
        (r#"{"schema":"switchyard-trace","version":1,"sed":3}"#, &["line 1", "unknown field `sed`"]),
        (r#"{"schema":"switchyard-trace","version":1,"experiment_digest":"x"}"#, &["64 hexadecimal"]),
    ]);
}

/// A trace with two decisions.
fn two() -> String {
    let mut stream = Streams::new(8).stream("traces");
    loop {
        let trace = round_trip::trace(&mut stream);
        let whole =
            |traced: &super::super::Traced| traced.decision.edges.len() > 2 && traced.decision.valid[0];
        if trace.decisions.len() == 2 && trace.decisions.iter().all(whole) {
            return String::from_utf8(json_lines(&trace).unwrap()).unwrap();
        }
    }
}

#[test]
fn a_trace_that_was_cut_off_anywhere_is_refused() {
    let text = two();
    assert!(read(text.as_bytes(), &Options::default()).is_ok());
    for end in (0..text.len() - 1).filter(|&end| text.is_char_boundary(end)) {
        let said = refusal(&text[..end]);
        assert!(["cut off", "empty"].iter().any(|word| said.contains(word)), "cut at {end}: {said}");
    }
    let lines: Vec<&str> = text.lines().collect();
    let said = refusal(&format!("{}\n{}\n", lines[0], lines[1]));
    assert!(said.contains("announces 2 decisions, but 1"), "{said}");
    let said = refusal(&format!("{}\n{}\n{}\n", lines[0], &lines[1][..lines[1].len() - 2], lines[2]));
    assert!(said.contains("line 2, column") && said.contains("middle of its object"), "{said}");
}

#[test]
fn decisions_that_contradict_themselves_name_their_line() {
    let text = two();
    let second = text.lines().nth(2).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(second.contains(from), "{second}");
        text.replace(second, &second.replacen(from, to, 1))
    };
    for (from, to, words) in [
        ("\"slot\":", "\"slot\":9999", &["line 3", "out of range"][..]),
        ("\"dispatch\":1.0,\"combine\":", "\"dispatch\":-1.0,\"combine\":", &["line 3", "0 or more"]),
        ("\"valid\":[", "\"valid\":[true,", &["line 3", "validity mask"]),
        ("\"units\":", "\"units\":1000000000", &["line 3"]),
        ("\"router\"", "\"rooter\"", &["line 3, column", "rooter"]),
    ] {
        let said = refusal(&changed(from, to));
        for word in words {
            assert!(said.contains(word), "`{word}` is missing in `{said}`");
        }
    }
}

#[test]
fn rows_of_json_that_do_not_fit_are_refused_with_their_line() {
    let meta = r#"{"type":"meta","num_experts":4,"top_k":2}"#;
    let good =
        r#"{"type":"route","req_id":"a","token_idx":0,"layer":0,"topk_ids":[0,1],"topk_weights":[0.5,0.5]}"#;
    let after = |row: &str| format!("{meta}\n{good}\n{row}\n");
    let with =
        |from: &str, to: &str| after(&good.replace("\"token_idx\":0", "\"token_idx\":1").replace(from, to));
    let many = format!("[{}0]", "0,".repeat(MOST_PICKS));
    let layers = format!("\"layer\":{MOST_LAYERS}");
    expect(&[
        (&with("[0,1]", "[0,4]"), &["line 3", "expert 4 is out of range: there are 4"]),
        (&with("[0,1]", "[0,0]"), &["line 3", "expert 0 twice"]),
        (&with("[0,1]", "[0,-1]"), &["line 3, column"]),
        (&with("[0,1]", "[0]"), &["line 3", "top_k` 2"]),
        (&with("[0,1]", &many), &["line 3", "names 4097"]),
        (&with("[0.5,0.5]", "[0.5,-0.5]"), &["line 3", "-0.5", "0 or more"]),
        (&with("[0.5,0.5]", "[0.5]"), &["line 3", "1 numbers for 2"]),
        (&with("[0.5,0.5]", "[0.5,1e999]"), &["line 3"]),
        (&with("\"layer\":0", &layers), &["line 3", "`layer`"]),
        (&with("\"layer\"", "\"layr\""), &["line 3", "did you mean `layer`?"]),
        (&with("\"req_id\":\"a\",", ""), &["line 3", "`req_id` is missing, which the first row has"]),
        (&with("\"layer\":0", "\"layer\":0,\"domain\":\"x\""), &["line 3", "`domain` is there"]),
        (&with("\"route\"", "\"rout\""), &["line 3", "did you mean `route`?"]),
        (&with("\"layer\":0", "\"layer\":0,\"layer\":1"), &["line 3", "duplicate field `layer`"]),
        (&after(good), &["line 3", "line 2", "expert 0 twice"]),
        (&format!("{good}\n{meta}\n"), &["line 2", "before the rows"]),
        (&format!("{meta}\n"), &["no row of type `route`"]),
        (r#"{"type":"meta","num_experts":0}"#, &["line 1", "num_experts"]),
        (&after(good)[..after(good).len() - 20], &["line 3", "cut off"]),
    ]);
    let options = Options { experts: Some(5), ..Options::default() };
    let error = read(after(good).as_bytes(), &options).unwrap_err().to_string();
    assert!(error.contains("says 5"), "{error}");
}

#[test]
fn rows_of_csv_that_do_not_fit_are_refused_with_line_and_column() {
    let experts = MOST_EXPERTS.to_string();
    let wide = format!("expert,unit{}\n0,0\n", ",x".repeat(1_000_000));
    let columns: Vec<String> = (0..MOST_COLUMNS).map(|index| format!("zz{index}")).collect();
    let repeated = format!("{}\n", [columns.join(","), "zz0".to_owned()].join(","));
    expect(&[
        ("expert,unit\n0,0\n-1,1\n", &["line 3, column 1", "`-1`", "integer from 0"]),
        ("expert,unit\n0,0\n1.5,1\n", &["line 3, column 1", "`1.5`"]),
        ("expert,unit\n0,0\n0,1,2\n", &["line 3", "3 fields, but the header has 2"]),
        ("expert,unit\n0,0\n0", &["line 3", "cut off"]),
        ("expert,unit\n0,0\n,1\n", &["line 3, column 1", "empty"]),
        ("expert,unit\n", &["no row below the header"]),
        ("expert,unit,weight\n0,0,-0.5\n", &["line 2, column 3", "0 or more"]),
        ("expert,unit,weight\n0,0,NaN\n", &["line 2, column 3"]),
        ("expert,unit,weight\n0,0,inf\n", &["line 2, column 3"]),
        ("expert,unit,wieght\n0,0,1\n", &["line 1, column 3", "did you mean `weight`?"]),
        ("expert,unit,fate\n0,0,droped\n", &["line 2, column 3", "did you mean `dropped`?"]),
        ("expert,unit,unit\n0,0,0\n", &["line 1, column 3", "there twice"]),
        ("expert,unit,\n0,0,0\n", &["line 1, column 3", "no name"]),
        ("expert,layer\n0,0\n", &["no column `unit`"]),
        ("unit,exprt\n0,0\n", &["line 1, column 2", "did you mean `expert`?"]),
        ("expert,unit,step,checkpoint\n0,0,0,0\n", &["line 1, column 4", "keep one"]),
        ("expert,unit\n0,0\n1,0\n0,0\n", &["line 4", "line 2", "expert 0 twice"]),
        ("expert,unit,rank\n0,0,1\n1,0,1\n", &["line 3", "line 2", "rank 1"]),
        ("expert,unit,token\n0,0,5\n1,0,6\n", &["line 3", "line 2", "another position, token"]),
        (&format!("expert,unit\n{experts},0\n"), &["line 2, column 1", "out of range"]),
        (&wide, &["line 1", "1000002 columns", "at most 256"]),
        (&repeated, &["257 columns"]),
    ]);
}

#[test]
fn load_tables_that_do_not_fit_are_refused_with_their_line() {
    expect(&[
        ("expert,fraction\n0,0.5\n1,0.3\n", &["line 2", "sum to 0.8"]),
        ("expert,fraction\n0,0.5\n1,-0.5\n", &["line 3, column 2", "0 or more"]),
        ("expert,fraction\n0,0.5\n0,0.5\n", &["line 3", "in line 2"]),
        (
            "who,expert,fraction\na,0,0.5\na,1,0.5\nb,0,1\n",
            &["line 4", "`b`, layer 0 has no share for expert 1"],
        ),
        ("expert,fraction\n", &["no row"]),
        ("exprt,fraction\n0,1\n", &["no column `expert`", "is it `exprt`?"]),
    ]);
}

#[test]
fn sizes_are_refused_before_memory_is_asked_for() {
    // Two experts far apart in a load table are 65,536 cells, in many contexts too many to fill.
    let rows: String = (0..300).map(|context| format!("{context},0,0.5\n{context},65535,0.5\n")).collect();
    let said = refusal(&format!("who,expert,fraction\n{rows}"));
    assert!(said.contains("no share for expert 1"), "{said}");
    // A record of a few bytes may announce many choices; a few of them are too many.
    let record = r#"{"decision":{"router":"r","scope":"model","step":0,"unit_kind":"token","units":1,"groups":16777216,"slots":[{"id":0,"label":"","kind":"expert"}],"combine_mode":"select","edges":[],"valid":[true]}}"#;
    let said = refusal(&format!(
        "{{\"schema\":\"switchyard-trace\",\"version\":1}}\n{}",
        format!("{record}\n").repeat(9)
    ));
    assert!(said.contains("line 6") && said.contains("Split the trace"), "{said}");
    // So are a few layers with high experts and rows that share no unit.
    let rows: String = (0..100).map(|layer| format!("65535,{layer},{layer}\n")).collect();
    let said = refusal(&format!("expert,unit,layer\n{rows}"));
    assert!(said.contains("slots; split the file"), "{said}");
}
