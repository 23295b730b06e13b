//! The code that the pages of the reference show in Python, TypeScript and for the nats CLI: all of it is read by the compilers of these
//! languages, and one program of each kind talks to another on a real server. `tests/page_code.rs` compiles what they show in Rust.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::asyncapi::{run, tools};
use crate::program::Program;
use crate::{install, server};

/// A piece of code on a page.
struct Piece {
    /// The contract, the subject, and its number on the page.
    name: String,
    /// What it does, as the page says: `Sending in Python`.
    label: String,
    text: String,
}

/// What the pages of subjects show in a language; those that were made when this program was built.
fn pieces(language: &str) -> Vec<Piece> {
    let contracts = Path::new(env!("OUT_DIR"));
    let mut found = Vec::new();
    for contract in contracts.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(pages) = contract.join("docs/subjects").read_dir() else {
            continue;
        };
        let mut pages: Vec<PathBuf> = pages.map(|page| page.unwrap().path()).collect();
        pages.sort();
        for page in pages {
            let text = fs::read_to_string(&page).unwrap();
            let blocks = text.split("<pre class=\"code\"").skip(1);
            let marker = format!("<code data-language=\"{language}\">");
            for block in blocks.filter_map(|block| block.split("</pre>").next()) {
                let Some((head, code)) = block.split_once(&marker) else {
                    continue;
                };
                let label = head
                    .split("aria-label=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next());
                found.push(Piece {
                    name: format!(
                        "{}.{}.{}",
                        contract.file_name().unwrap().to_string_lossy(),
                        page.file_stem().unwrap().to_string_lossy(),
                        found.len()
                    ),
                    label: label.unwrap().to_owned(),
                    text: plain(code.trim_end_matches("</code>")),
                });
            }
        }
    }
    assert!(found.len() > 190, "the code is found: {}", found.len());
    found
}

/// Text without the escapes of HTML.
fn plain(html: &str) -> String {
    let escapes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    escapes.iter().fold(html.to_owned(), |text, (escape, character)| {
        text.replace(escape, character)
    })
}

/// A folder below the tools of Node.js, with a file for each piece.
fn written(folder: &Path, pieces: &[Piece], extension: &str) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    for piece in pieces {
        fs::write(folder.join(format!("{}.{extension}", piece.name)), &piece.text).unwrap();
    }
}

#[tokio::test]
async fn python_reads_all_of_its_code() {
    let folder = tools().await.join("pages-python");
    written(&folder, &pieces("python"), "py");
    let (interpreter, _) = tokio::task::spawn_blocking(install::python).await.unwrap().unwrap();
    let mut compiler = Command::new(interpreter);
    compiler.args(["-W", "error", "-m", "compileall", "-q"]).arg(&folder);
    run(compiler).await;
}

#[tokio::test]
async fn typescript_compiles_all_of_its_code() {
    let folder = typescript("pages-typescript").await;
    assert!(folder.join("compiled").read_dir().unwrap().count() > 190);
}

/// The code in TypeScript, and what the compiler makes of it.
async fn typescript(name: &str) -> PathBuf {
    let tools = tools().await;
    let folder = tools.join(name);
    written(&folder, &pieces("typescript"), "ts");
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    let options = r#"{ "strict": true, "noUncheckedIndexedAccess": true, "target": "es2022", "module": "nodenext",
        "moduleResolution": "nodenext", "skipLibCheck": true, "outDir": "compiled", "types": ["node"] }"#;
    let config = format!(r#"{{ "compilerOptions": {options}, "include": ["*.ts"] }}"#);
    fs::write(folder.join("tsconfig.json"), config).unwrap();
    let mut compiler = Command::new("node");
    compiler
        .arg(tools.join("node_modules/typescript/lib/tsc.js"))
        .current_dir(&folder);
    run(compiler).await;
    folder
}

/// Commands of the nats CLI with their flags, as `nats COMMAND --help` of its version 0.3 lists them, as far as pages use them; and how
/// many words stand beside the flags.
const COMMANDS: [(&str, usize, &[&str]); 4] = [
    ("pub", 2, &["--header"]),
    ("request", 2, &["--header", "--timeout", "--replies"]),
    ("sub", 1, &["--queue"]),
    ("reply", 2, &["--queue"]),
];

#[test]
fn commands_and_flags_of_the_cli_are_its_own() {
    for piece in pieces("shell") {
        let words = words(&piece.text);
        let (name, command) = (words.first().unwrap(), words.get(1).unwrap());
        assert_eq!(name, "nats", "{}", piece.name);
        let known = COMMANDS.iter().find(|(known, ..)| known == command);
        let (_, operands, flags) = known.unwrap_or_else(|| panic!("{}: {command}", piece.name));
        let (given, others): (Vec<&String>, Vec<&String>) = words[2..].iter().partition(|word| word.starts_with("--"));
        for flag in given {
            let (flag, value) = flag.split_once('=').unwrap();
            assert!(flags.contains(&flag) && !value.is_empty(), "{}: {flag}", piece.name);
            // The CLI takes the name up to the first colon.
            assert!(flag != "--header" || value.contains(':'), "{}: {value}", piece.name);
        }
        assert_eq!(others.len(), *operands, "{}: {}", piece.name, piece.text);
        if let [_, document] = others.as_slice() {
            serde_json::from_str::<serde_json::Value>(document)
                .unwrap_or_else(|error| panic!("{}: {error}", piece.name));
        }
    }
}

/// The words of a command as a shell takes it apart.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => (quoted, begun) = (!quoted, true),
            '\\' if !quoted => word.extend(characters.next().filter(|next| *next != '\n')),
            space if space.is_whitespace() && !quoted => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => word.push(other),
        }
    }
    assert!(!quoted, "{command}");
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Subjects of every kind, and something of the first line that who receives on them writes.
const TALKS: [(&str, &str); 7] = [
    ("mister-smith.agents.status", "agents."),
    ("mister-smith.tasks.cancel", "tasks."),
    ("mister-smith-v1.basic.system_events", "TaskAssignmentMessage"),
    ("mister-smith-v1.hooks.pre_task", "agent."),
    ("agent-framework.mcp.tool_call", "agents."),
    ("agent-framework.agents.query", "agents."),
    ("depot.letters.by_header", "FileChange"),
];

#[tokio::test]
async fn programs_in_python_talk_to_each_other() {
    let (interpreter, packages) = tokio::task::spawn_blocking(install::python).await.unwrap().unwrap();
    let server = server().await;
    let pieces = pieces("python");
    let folder = tools().await.join("pages-talk-python");
    let ready = "    await connection.flush()\n    print(\"ready\")\n    async for message in";
    for (subject, said) in TALKS {
        let (receives, sends) = sides(&pieces, subject);
        let start = |piece: &Piece| {
            let file = folder.join(format!("{}.py", piece.name));
            let text = piece.text.replace("nats://localhost:4222", server.url());
            let text = text.replace("    async for message in", ready);
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, text).unwrap();
            let mut command = Command::new(interpreter);
            command.args(["-u"]).arg(file).env("PYTHONPATH", &packages);
            Program::start(&mut command, &server)
        };
        talk(
            subject,
            said,
            start(receives),
            sends.into_iter().map(|piece| (piece, start(piece))),
        )
        .await;
    }
}

#[tokio::test]
async fn programs_in_typescript_talk_to_each_other() {
    let server = server().await;
    let folder = typescript("pages-talk-typescript").await;
    let pieces = pieces("typescript");
    let ready = "await connection.flush();\nconsole.log(\"ready\");\nfor await (const message of messages)";
    for (subject, said) in TALKS {
        let (receives, sends) = sides(&pieces, subject);
        let start = |piece: &Piece| {
            let file = folder.join(format!("compiled/{}.js", piece.name));
            let text = fs::read_to_string(&file).unwrap();
            let text = text.replace("nats://localhost:4222", server.url());
            fs::write(&file, text.replace("for await (const message of messages)", ready)).unwrap();
            let mut command = Command::new("node");
            command.arg(file);
            Program::start(&mut command, &server)
        };
        talk(
            subject,
            said,
            start(receives),
            sends.into_iter().map(|piece| (piece, start(piece))),
        )
        .await;
    }
}

/// The piece that receives on a subject, and those that send.
fn sides<'p>(pieces: &'p [Piece], subject: &str) -> (&'p Piece, Vec<&'p Piece>) {
    let of_subject = pieces
        .iter()
        .filter(|piece| piece.name.starts_with(&format!("{subject}.")));
    let (sends, receives): (Vec<&Piece>, Vec<&Piece>) =
        of_subject.partition(|piece| piece.label.starts_with("Sending"));
    let [receives] = receives.as_slice() else {
        panic!("one program receives on {subject}");
    };
    assert!(!sends.is_empty(), "somebody sends on {subject}");
    (receives, sends)
}

/// One program receives what others send, each of which ends well, with an answer where it waits for one.
async fn talk<'p>(
    subject: &str,
    said: &str,
    mut receiver: Program,
    senders: impl Iterator<Item = (&'p Piece, Program)>,
) {
    assert_eq!(receiver.line().await, "ready");
    for (number, (piece, mut sender)) in senders.enumerate() {
        let heard = receiver.line().await;
        assert!(number > 0 || heard.contains(said), "{subject}: {heard}");
        if piece.text.contains("print(") || piece.text.contains("console.log(") {
            sender.line().await;
        }
        sender.end().await;
    }
}
