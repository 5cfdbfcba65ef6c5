//! Questions: what the grammar makes of names and descriptions.

use firefly::json::leaves;
use firefly::task::wording::{Own, clause, entries_of, entry_of, field_phrase, phrase, written};
use serde_json::{Value, json};

#[test]
fn clauses_are_imperatives() {
    let cases = [
        ("[Read] Order status by order_id (found:false if none)", "order_get", "look up the order status by order ID"),
        ("Get user details, including orders.", "get_user_details", "get user details"),
        ("Returns the current time. Use UTC.", "now", "find the current time"),
        ("Calculates lift force using (L = 1/2 rho v^2)", "lift", "calculate lift force"),
        ("This tool lists all icons.", "icons", "list all icons"),
        ("", "get_case_notes", "get the case notes"),
        ("Create a new, empty Excel workbook.", "create_workbook", "create a new, empty Excel workbook"),
        ("Start here: a workbook's sheets (used range), properties.", "describe_workbook", "look up a workbook's sheets"),
        ("Keep a note.", "create_note", "keep a note"),
        ("Arc cosine.", "sympy_acos", "find the arc cosine"),
        ("", "donation_limit", "work out the donation limit"),
        ("View current configuration", "view_config", "view current configuration"),
        ("Count characters, words, and lines in text.", "count_text", "count characters, words, and lines in text"),
        ("Test, match, or replace using patterns", "regex", "test, match, or replace using patterns"),
        ("Returns up to ten links", "links", "find up to ten links"),
        ("Network interface statistics", "net", "find the network interface statistics"),
        ("Navigation facade", "nav", "do the navigation"),
        ("Log search (by level)", "log_search", "search logs"),
        ("Fuzzy Search for icons from lucide by icon name", "fuzzy_search_icons", "search icons (fuzzy)"),
        ("Discovery / health-check entrypoint: report availability and version info.", "info", "check the server's health and version"),
        (
            "Conta dias úteis (seg-sex) entre duas datas do ano. Feriados: sim.",
            "contar_dias",
            "carry out “Conta dias úteis entre duas datas do ano”",
        ),
        ("Safely evaluate expressions.", "calculate", "evaluate expressions"),
        ("Reliably writes large files", "large_write", "write large files"),
        ("Greet someone by name", "say_hello", "greet someone by name"),
        ("Date calculations (add, diff)", "date", "do date calculations"),
        ("Generate Mersenne numbers 2^p - 1 - slow for large p", "mersenne", "generate Mersenne numbers 2^p - 1"),
        (
            "Calculate the nth triangular number T_n = n(n+1)/2. (Domain: arithmetic)",
            "triangular",
            "calculate the nth triangular number T_n = n(n+1)/2",
        ),
        ("Prueft den Kontrast zwischen zwei Farben", "tool_check_contrast", "check the contrast"),
        ("数学求解", "math_solve", "solve what is given"),
        ("Calculate factorial n! = n × (n-1) × ... × 1.", "factorial", "calculate factorial"),
        ("Solve negative Pell's equation x² - ny² = -1. (Domain: x)", "pell", "solve negative Pell's equation x² - ny² = -1"),
        ("Calculate the nth Catalan number C_n = (2n)!/((n+1)!n!)", "catalan", "calculate the nth Catalan number C_n = (2n)!/((n+1)!n!)"),
        ("Moving average forecast", "moving_average_forecast", "find the moving average forecast"),
        ("Returns filed against an order", "return_list_by_order", "look up returns filed against an order"),
        ("Return lookup", "return_get", "get the return"),
        ("Miller-Rabin probabilistic primality test", "miller_rabin_test", "run the Miller-Rabin probabilistic primality test"),
        ("Sieve of Eratosthenes", "sieve_of_eratosthenes", "run the sieve of Eratosthenes"),
        (
            "Case-insensitive substring search over subject and body.",
            "search",
            "run the case-insensitive substring search over subject and body",
        ),
        ("Evaluate expressions with support for basic operations", "evaluate", "evaluate expressions"),
        ("Open a support ticket (idempotent by key)", "ticket_create", "open a support ticket"),
    ];
    for (description, tool, expected) in cases {
        assert_eq!(clause(description, tool), expected, "{description}");
    }
}

#[test]
fn names_become_words() {
    let cases = [
        ("order_id", "order ID"),
        ("customerId", "customer ID"),
        ("mass_kg", "mass in kg"),
        ("lat", "latitude"),
        ("first_8h_rate_ml_hr", "first 8h rate in ml per hour"),
        ("duration_hr", "duration in hours"),
        ("number_colors", "number of colors"),
        ("num_address", "number address"),
        ("size_bytes", "size in bytes"),
        ("delta_v_ms", "delta v in m/s"),
        ("air_temperature_c", "air temperature in °C"),
        ("max_length", "maximum length"),
        ("size_in_bytes", "size in bytes"),
        ("min_length", "minimum length"),
        ("flight_time_min", "flight time in minutes"),
        ("rate_gtt_min_exact", "rate in drops per minute (exact)"),
        ("delta_v_without_margin_ms", "delta v without margin in m/s"),
        ("angular_velocity_rad_per_sec", "angular velocity in rad per second"),
        ("max_denom", "maximum denominator"),
    ];
    for (name, expected) in cases {
        assert_eq!(phrase(name), expected);
    }
    for (value, expected) in [(json!("ORD-2"), "ORD-2"), (json!("Ada L"), "“Ada L”"), (json!(2.0), "2"), (json!(true), "yes")] {
        assert_eq!(written(&value), expected);
    }
}

#[test]
fn fields_say_which_one_is_meant() {
    let said = |result: Value, pointer: &str, tool: &str| {
        let leaf = leaves(&result).into_iter().find(|l| l.pointer == pointer).unwrap();
        field_phrase(&result, &leaf, &Own::of(tool, ""))
    };
    assert_eq!(said(json!({"exceeded_at": 23}), "/exceeded_at", "simulate"), "point at which it was exceeded");
    assert_eq!(said(json!({"rules": ["23a2a8"]}), "/rules/0", "explain"), "rule");
    assert_eq!(said(json!([{"name": "a.txt"}, {"name": "b"}]), "/0/name", "directory_tree"), "name of the first listed entry");
    assert_eq!(said(json!({"created_at": "2024-05-06"}), "/created_at", "get_note"), "time it was created");
    for (pointer, several, one) in [
        ("/recommended", "recommended entries", "recommended entry"),
        ("/slides_created", "slides created", "slide created"),
        ("/orders", "orders", "order"),
        ("/documentation", "documentation entries", "documentation entry"),
        ("/feriados_no_periodo", "feriados no periodo", "feriado no periodo"),
    ] {
        assert_eq!((entries_of(pointer, "get"), entry_of(pointer, "get")), (several.to_owned(), one.to_owned()));
    }
    let orders = json!({"orders": [{"id": "a", "total": 1}, {"id": "b", "total": 2}]});
    assert_eq!(said(orders, "/orders/1/total", "list_orders"), "total of the second listed order");
    assert_eq!(said(json!({"modules": [{"is_test": false}]}), "/modules/0/is_test", "analyze"), "is test of the only module");
    assert_eq!(said(json!({"data": [{"amount": 5}]}), "/data/0/amount", "payment_get"), "amount");
    assert_eq!(said(json!({"address": {"city": "Oslo"}}), "/address/city", "get_user"), "city of the address");
    assert_eq!(said(json!({"data": {"eta": "x"}}), "/data/eta", "shipment_get"), "ETA");
    assert_eq!(said(json!({"force": [1, 2, 3]}), "/force/2", "f"), "third number of the force");
    // One key among others that looks like data makes no list of them.
    assert_eq!(said(json!({"due": {"0.022%days": 41, "0.025%days": 0, "days": 41}}), "/due/days", "penalty"), "days of the due");
    assert_eq!(said(json!([4, 5]), "/1", "arithmetic_sequence"), "second number");
    assert_eq!(said(json!({"from": "a@b.c", "created": 3}), "/from", "get_message"), "sender");
    assert_eq!(said(json!({"from": "km", "created": 1_700_000_000}), "/created", "get_message"), "time it was created");
    assert_eq!(said(json!({"from": "km", "deleted": 2}), "/deleted", "purge"), "deleted");
    assert_eq!(
        said(json!({"data": [{"carrier": "x"}, {"carrier": "y"}]}), "/data/0/carrier", "shipment_get"),
        "carrier of the first listed shipment"
    );
}
