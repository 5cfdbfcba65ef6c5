//! Properties that hold for any input.

use firefly::json::{canonical, leaves, pattern_of};
use firefly::mention::Text;
use firefly::reward::grade;
use firefly::sample::{Dag, Link};
use proptest::prelude::*;
use serde_json::{Value, json};

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e12..1e12).prop_map(Value::from),
        "[ -~\u{e6}\u{4e2d}~/]{0,12}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z0-9/~_]{0,6}", inner, 0..5).prop_map(|m| json!(m)),
        ]
    })
}

proptest! {
    #[test]
    fn canonical_json_is_a_fixed_point(value in value()) {
        let text = canonical(&value);
        let again: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(canonical(&again), text);
    }

    #[test]
    fn every_leaf_stands_at_its_pointer(value in value()) {
        for leaf in leaves(&value) {
            prop_assert_eq!(value.pointer(&leaf.pointer), Some(&leaf.value));
            prop_assert_eq!(leaf.pattern.matches('/').count(), leaf.pointer.matches('/').count());
            prop_assert_eq!(pattern_of(&leaf.pattern.replace('*', "0")), leaf.pattern);
        }
    }

    #[test]
    fn a_label_scores_one_and_a_changed_one_zero(fields in prop::collection::btree_map("[a-z]{1,6}", (-1e6..1e6f64).prop_map(|f| json!((f * 100.0).round() / 100.0)), 1..5)) {
        let label = json!(fields);
        prop_assert_eq!(grade(&label.to_string(), &label).reward(), 1.0);
        for name in fields.keys() {
            let mut wrong = label.clone();
            wrong[name] = json!(label[name].as_f64().unwrap() * 1.01 + 1.0);
            prop_assert_eq!(grade(&wrong.to_string(), &label).reward(), 0.0);
        }
    }

    #[test]
    fn grading_never_panics(answer in ".{0,200}") {
        let _ = grade(&answer, &json!({"a": 1}));
    }

    #[test]
    fn a_value_put_into_a_text_is_mentioned(before in "[a-z ]{0,20}", value in "[A-Za-z0-9-]{1,12}") {
        let text = format!("{before} {value}, please");
        prop_assert!(Text::of(&text).mentions(&value));
    }

    #[test]
    fn ids_of_dags_do_not_depend_on_the_order_of_drawing(count in 2..6usize) {
        let node = |n: usize| ("s".to_owned(), format!("t{n}"));
        let star = |order: &[usize]| {
            let nodes: Vec<_> = std::iter::once(node(0)).chain(order.iter().map(|n| node(*n))).collect();
            let link = |dst: usize| Link { src: 0, field: "/id".into(), dst, param: "id".into() };
            Dag { links: (1..nodes.len()).map(link).collect(), nodes, shape: "fan-out" }
        };
        let forth: Vec<usize> = (1..=count).collect();
        let back: Vec<usize> = (1..=count).rev().collect();
        prop_assert_eq!(star(&forth).id(), star(&back).id());
    }
}
