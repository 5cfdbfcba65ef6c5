//! Tools that are about their own server and nothing in the world.

use crate::names;
use crate::task::source::Call;

/// Whether a tool is about its server and nothing in the world: `get_server_info`, `debug`.
pub fn is_about_itself(call: &Call) -> bool {
    // What the protocol does is said where the description speaks of schemas. A switch is flipped, and nothing is asked.
    let switch = || call.about.lower.starts_with("toggle");
    call.about.description.contains("output schema") || switch() || is_own_business(&call.server, &call.tool)
}

/// Whether the name of a tool speaks of nothing but what servers are and have.
fn is_own_business(server: &str, tool: &str) -> bool {
    const SELF: [&str; 30] = [
        "get",
        "list",
        "show",
        "check",
        "view",
        "mcp",
        "server",
        "info",
        "information",
        "version",
        "health",
        "status",
        "debug",
        "about",
        "help",
        "features",
        "capabilities",
        "ping",
        "menu",
        "tools",
        "config",
        "configuration",
        "allowed",
        "guide",
        "documentation",
        "docs",
        "system",
        "disk",
        "usage",
        "metrics",
    ];
    const LOOKS: [&str; 5] = ["get", "list", "show", "check", "view"];
    let server = names::split(server);
    // What a server's tools all begin with says nothing of the one.
    let shared = |(at, word): &(usize, String)| server.get(*at) == Some(word);
    let own: Vec<String> = names::split(tool).into_iter().enumerate().skip_while(shared).map(|(_, word)| word).collect();
    let tools = own.iter().any(|word| word == "tools");
    if own.first().is_some_and(|word| word == "toggle") {
        return true;
    }
    let about = |word: &String| {
        SELF.contains(&word.as_str())
            || word == "directories" && own.iter().any(|w| w == "allowed")
            || tools && (word == "search" || server.contains(word))
    };
    own.iter().all(about) && own.iter().any(|word| !LOOKS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_about_their_server_are_told_by_their_names() {
        let about = [("x", "get_server_info"), ("system-monitor", "get-system-info"), ("fast-filesystem", "fast_get_disk_usage")];
        let more = [("n8n", "tools_documentation"), ("aerospace", "search_aerospace_tools"), ("git", "git_help")];
        assert!(about.iter().chain(&more).all(|(server, tool)| is_own_business(server, tool)));
        let others = [("weather", "get_weather"), ("todo", "list"), ("primevue", "search"), ("orders", "get_order_status"), ("git", "git")];
        assert!(others.iter().all(|(server, tool)| !is_own_business(server, tool)));
    }
}
