//! `draw_dags`.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use serde_json::json;

use crate::sample::{Dag, Edge, Options, draw};
use crate::udf::Kernel;
use crate::udf::json::{list_of, lists, text_fields};

/// `draw_dags(edges, known, seed, n, multi_server, max_nodes, max_share)`: new sub-DAGs as
/// `[{dag_id, shape, nodes, links, rejected, turns}]`, nodes and links as JSON; after them the reasons why turns gave
/// none, each in `rejected` with the number of `turns`.
/// `edges` are rows of `walkable_edge`, `known` ids of sub-DAGs that are not drawn again.
pub struct DrawDags;

const RETURNED: [&str; 6] = ["dag_id", "shape", "nodes", "links", "rejected", "turns"];

fn edge_fields() -> arrow::datatypes::Fields {
    use arrow::datatypes::Field;
    let texts = ["src_server", "src_tool", "src_field", "dst_server", "dst_tool", "dst_param"].map(|name| (name, DataType::Utf8));
    let others = [("score", DataType::Float64), ("high", DataType::Boolean), ("dst_reads", DataType::Boolean)];
    texts.into_iter().chain(others).map(|(name, kind)| Field::new(name, kind, true)).collect()
}

impl Kernel for DrawDags {
    const NAME: &'static str = "draw_dags";

    fn parameters() -> Vec<DataType> {
        let ids = DataType::List(std::sync::Arc::new(arrow::datatypes::Field::new("item", DataType::Utf8, true)));
        let (whole, real) = (DataType::Int64, DataType::Float64);
        vec![list_of(&edge_fields()), ids, whole.clone(), whole.clone(), real.clone(), whole, real]
    }

    fn returns() -> DataType {
        list_of(&text_fields(&RETURNED))
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let rows = (0..batch.num_rows()).map(|row| turns(batch, row));
        lists(&text_fields(&RETURNED), rows)
    }
}

fn turns(batch: &RecordBatch, row: usize) -> Vec<Vec<String>> {
    let whole = |column: usize| batch.column(column).as_primitive::<Int64Type>().value(row).max(0) as usize;
    let real = |column: usize| batch.column(column).as_primitive::<Float64Type>().value(row);
    let known = batch.column(1).as_list::<i32>().value(row);
    let known: HashSet<String> = known.as_string::<i32>().iter().flatten().map(str::to_owned).collect();
    let share = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    let options = Options {
        seed: batch.column(2).as_primitive::<Int64Type>().value(row) as u64,
        count: whole(3),
        multi_server: share(real(4)),
        max_nodes: whole(5).clamp(1, 10),
        max_share: share(real(6)),
    };
    let drawn = draw(&edges(&batch.column(0).as_list::<i32>().value(row)), known, options);
    let rejected = drawn
        .rejected
        .into_iter()
        .map(|(reason, turns)| vec![String::new(), String::new(), "[]".into(), "[]".into(), reason, turns.to_string()]);
    drawn.dags.iter().map(told).chain(rejected).collect()
}

fn edges(list: &ArrayRef) -> Vec<Edge> {
    let columns = list.as_struct();
    let text = |index: usize| -> &StringArray { columns.column(index).as_string::<i32>() };
    let texts: Vec<&StringArray> = (0..6).map(text).collect();
    let score = columns.column(6).as_primitive::<Float64Type>();
    let (high, reads) = (columns.column(7).as_boolean(), columns.column(8).as_boolean());
    let edge = |row: usize| Edge {
        src_server: texts[0].value(row).into(),
        src_tool: texts[1].value(row).into(),
        src_field: texts[2].value(row).into(),
        dst_server: texts[3].value(row).into(),
        dst_tool: texts[4].value(row).into(),
        dst_param: texts[5].value(row).into(),
        score: score.value(row),
        high: high.value(row),
        dst_reads: reads.value(row),
    };
    (0..columns.len()).map(edge).collect()
}

fn told(dag: &Dag) -> Vec<String> {
    let nodes: Vec<_> = dag.nodes.iter().map(|(server, tool)| json!({"server": server, "tool": tool})).collect();
    let links = serde_json::to_string(&dag.links).unwrap_or_default();
    vec![dag.id(), dag.shape.into(), serde_json::Value::Array(nodes).to_string(), links, String::new(), "1".into()]
}
