//! The AsyncAPI documents, in the hands of AsyncAPI's own tools: the parser accepts them, and programs in TypeScript and Python whose
//! types Modelina makes of them talk to the generated clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use agent_platform::payloads::common::TaskStatus;
use agent_platform::payloads::{TaskRequest, TaskResponse};
use agent_platform::subscriptions::PlatformEvents;
use mister_smith::payloads::common::AgentState;
use mister_smith::payloads::{AgentCommand, CapabilityQuery};
use mister_smith::subscriptions::{AllAgentHeartbeats, AllAgentStatus};
use serde_json::{Value, json};

use crate::program::{Program, examples};
use crate::{install, made, server, soon};

const CONTRACTS: [&str; 5] = [
    "agent-framework",
    "agent-mesh",
    "agent-platform",
    "mister-smith",
    "mister-smith-v1",
];

fn document(contract: &str, file: &str) -> PathBuf {
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
    generated.join(contract).join("docs/asyncapi").join(file)
}

pub async fn tools() -> PathBuf {
    let installed = tokio::task::spawn_blocking(install::asyncapi).await.unwrap();
    let folder = installed.unwrap_or_else(|error| panic!("{error}"));
    // Node looks for packages beside a script and above it. Several tests write the same.
    fs::write(folder.join("models.js"), include_str!("asyncapi/models.js")).unwrap();
    folder
}

/// Runs a command that must go well, and returns what it writes.
pub async fn run(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output().map(|output| (output, command)));
    let (output, command) = output.await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{text}\n{told}");
    text
}

/// The models of a contract: `models` in TypeScript, compiled, `python/models`, and Python's `pydantic/models`.
async fn models(contract: &str, program: Option<&str>) -> PathBuf {
    let tools = tools().await;
    let folder = tools.join("contracts").join(contract);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    // The programs are CommonJS, unlike the tools.
    fs::write(folder.join("package.json"), "{}").unwrap();
    let mut modelina = Command::new("node");
    let file = document(contract, "asyncapi.json");
    modelina
        .arg(tools.join("models.js"))
        .arg("models")
        .arg(file)
        .arg(&folder);
    run(modelina).await;
    if let Some(program) = program {
        fs::write(folder.join("agent.ts"), program).unwrap();
    }
    let mut compiler = Command::new("node");
    let config = json!({
        "compilerOptions": {
            "strict": true, "noUncheckedIndexedAccess": true, "target": "es2022", "module": "node16", "moduleResolution": "node16",
            "skipLibCheck": true, "outDir": "compiled", "types": ["node"],
        },
        "include": ["models/*.ts", "*.ts"],
    });
    fs::write(folder.join("tsconfig.json"), config.to_string()).unwrap();
    compiler
        .arg(tools.join("node_modules/typescript/lib/tsc.js"))
        .current_dir(&folder);
    run(compiler).await;
    let (python, _) = tokio::task::spawn_blocking(install::python).await.unwrap().unwrap();
    let mut compiler = Command::new(python);
    compiler
        .args(["-m", "compileall", "-q", "python", "pydantic"])
        .current_dir(&folder);
    run(compiler).await;
    folder
}

#[tokio::test]
async fn the_official_parser_accepts_every_document_without_a_word() {
    let mut command = Command::new("node");
    command.arg(tools().await.join("models.js")).arg("accept");
    for contract in CONTRACTS {
        command.args(["asyncapi.json", "asyncapi.yaml"].map(|file| document(contract, file)));
    }
    let told = run(command).await;
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), 2 * CONTRACTS.len());
    for verdict in told {
        assert_eq!(verdict["told"], json!([]), "{verdict:#}");
        assert!(verdict["operations"].as_u64() > Some(8), "{verdict:#}");
    }
}

#[tokio::test]
async fn models_of_every_contract_compile() {
    // The other two tests make those of the contracts that they are about.
    for contract in ["agent-framework", "agent-mesh", "mister-smith-v1"] {
        let folder = models(contract, None).await;
        let types = folder.join("compiled").read_dir().unwrap().count();
        let nameless = folder.join("models").read_dir().unwrap();
        let nameless = nameless.filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .contains("nonymous")
        });
        assert!(types > 5 && nameless.count() < 4, "{}: {types}", folder.display());
    }
}

#[tokio::test]
async fn an_agent_in_typescript_does_tasks() {
    let folder = models("agent-platform", Some(include_str!("asyncapi/agent.ts"))).await;
    let server = server().await;
    let connection = agent_platform::connection(server.url()).connect().await.unwrap();
    let orchestrator = agent_platform::roles::Orchestrator::new(connection);
    let mut events = orchestrator.platform_events().subscribe().await.unwrap();
    orchestrator.connection().round_trip().await.unwrap();
    let mut command = Command::new("node");
    command
        .arg(folder.join("compiled/agent.js"))
        .arg(document("agent-platform", "asyncapi.json"));
    let agent = Program::start(&mut command, &server);
    let came = soon(events.next()).await.unwrap().unwrap();
    let PlatformEvents::AgentRegistered(came) = came else {
        panic!("it comes first")
    };
    assert_eq!(came.payload.agent_name.as_str(), "typescript_agent");

    let name = "typescript_agent".parse().unwrap();
    for (priority, status) in [("high", TaskStatus::Completed), ("low", TaskStatus::Rejected)] {
        let task: TaskRequest = made(&json!({
            "task_id": priority, "task_type": "count_words", "payload": { "text": "a short story" }, "priority": priority,
        }));
        let answer: TaskResponse = soon(orchestrator.task(&name).request(&task)).await.unwrap();
        assert_eq!(answer.status, status);
        let words = answer.result.map(|result| result.to_value().unwrap());
        assert_eq!(words, (priority == "high").then(|| json!({ "words": 3 })));
        let told = soon(events.next()).await.unwrap().unwrap();
        let PlatformEvents::TaskCompleted(told) = told else {
            panic!("the end of a task")
        };
        assert_eq!((told.payload.task_id.as_str(), told.payload.status), (priority, status));
    }
    agent.end().await;
}

#[tokio::test]
async fn an_agent_in_python_beats_answers_and_obeys() {
    let folder = models("mister-smith", None).await;
    let (python, packages) = tokio::task::spawn_blocking(install::python).await.unwrap().unwrap();
    let server = server().await;
    let connection = mister_smith::connection(server.url()).connect().await.unwrap();
    let orchestrator = mister_smith::roles::Orchestrator::new(connection);
    let mut heartbeats = orchestrator.all_agent_heartbeats().subscribe().await.unwrap();
    let mut states = orchestrator.all_agent_status().subscribe().await.unwrap();
    orchestrator.connection().round_trip().await.unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/other_languages/asyncapi/agent.py");
    let paths = std::env::join_paths([packages, folder.join("python")]).unwrap();
    let mut command = Command::new(python);
    command.arg(script).arg(document("mister-smith", "asyncapi.json"));
    command.env("PYTHONPATH", paths).env("PYTHONDONTWRITEBYTECODE", "1");
    let agent = Program::start(&mut command, &server);
    let heartbeat = soon(heartbeats.next())
        .await
        .unwrap()
        .unwrap_or_else(|invalid| panic!("{invalid}"));
    let AllAgentHeartbeats::Heartbeat(heartbeat) = heartbeat;
    assert_eq!(heartbeat.payload.sequence, 1);

    let id = "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b".parse().unwrap();
    let example = |payload: &str| -> Value {
        let mut valid = examples("mister-smith").join(payload).join("valid").read_dir().unwrap();
        serde_json::from_slice(&fs::read(valid.next().unwrap().unwrap().path()).unwrap()).unwrap()
    };
    let query: CapabilityQuery = made(&example("CapabilityQuery"));
    let answer = soon(orchestrator.capabilities(&id).request(&query)).await.unwrap();
    assert_eq!(answer.agent_id.as_str(), id.as_str());

    let mut command = example("AgentCommand");
    command["agent_id"] = json!(id.as_str());
    for (kind, state) in [("stop", AgentState::Stopping), ("query", AgentState::Error)] {
        command["command_type"] = json!(kind);
        orchestrator
            .commands()
            .publish(&made::<AgentCommand>(&command))
            .await
            .unwrap();
        let told = soon(states.next())
            .await
            .unwrap()
            .unwrap_or_else(|invalid| panic!("{invalid}"));
        let AllAgentStatus::Status(told) = told;
        assert_eq!(told.payload.status, state);
    }
    agent.end().await;
    let AllAgentHeartbeats::Heartbeat(last) = soon(heartbeats.next()).await.unwrap().unwrap();
    assert_eq!(last.payload.sequence, 2);
}
