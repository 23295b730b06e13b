//! `AgentStatus` read and checked by hand over jiter, so that natsmith's own cursor stays an honest choice.
//!
//! The rules of text, UUIDs and moments are natsmith's, so that only the cursors differ.

use jiter::{Jiter, JiterResult, NumberInt};
use natsmith_runtime::format::parse_date_time;
use natsmith_runtime::json::Text;
use natsmith_runtime::pattern::Pattern;

use crate::plain::{AgentState, AgentStatus, ResourceUsage};

static AGENT_ID: Text = Text::matching(Pattern::new(
    "^agent-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
));
static CAPABILITY: Text = Text::any().min_length(1).max_length(128);

/// The status, if the document is valid.
pub fn agent_status(text: &[u8]) -> Option<AgentStatus> {
    let mut reader = Jiter::new(text);
    let mut agent_id = None;
    let mut status = None;
    let mut timestamp = None;
    let mut capacity = None;
    let mut current_tasks = None;
    let mut max_tasks = None;
    let mut uptime_seconds = None;
    let mut last_heartbeat = None;
    let mut capabilities = None;
    let mut resource_usage = None;
    let mut seen = 0_u16;
    let mut key = reader.next_object().ok()?.map(index);
    while let Some(index) = key {
        if index < 10 {
            if seen & (1 << index) != 0 {
                return None;
            }
            seen |= 1 << index;
        }
        match index {
            0 => {
                let id = reader.next_str().ok()?;
                AGENT_ID.check(id).ok()?;
                agent_id = Some(id.to_owned());
            }
            1 => status = Some(state(reader.next_str().ok()?)?),
            2 => timestamp = Some(parse_date_time(reader.next_str().ok()?.as_bytes())?),
            3 => capacity = Some(within(number(&mut reader)?, 0.0, 1.0)?),
            4 => current_tasks = Some(u32::try_from(integer(&mut reader)?).ok()?),
            5 => max_tasks = Some(u32::try_from(integer(&mut reader)?).ok().filter(|tasks| *tasks >= 1)?),
            6 => uptime_seconds = Some(size(&mut reader)?),
            7 => last_heartbeat = Some(parse_date_time(reader.next_str().ok()?.as_bytes())?),
            8 => capabilities = Some(names(&mut reader)?),
            9 => resource_usage = Some(usage(&mut reader)?),
            _ => reader.next_skip().ok()?,
        }
        key = next_key(&mut reader).ok()?;
    }
    reader.finish().ok()?;
    Some(AgentStatus {
        agent_id: agent_id?,
        status: status?,
        timestamp: timestamp?,
        capacity: capacity?,
        current_tasks: current_tasks?,
        max_tasks: max_tasks?,
        uptime_seconds: uptime_seconds?,
        last_heartbeat: last_heartbeat?,
        capabilities: capabilities?,
        resource_usage: resource_usage?,
    })
}

fn next_key(reader: &mut Jiter<'_>) -> JiterResult<Option<usize>> {
    reader.next_key().map(|key| key.map(index))
}

fn index(name: &str) -> usize {
    match name {
        "agent_id" => 0,
        "status" => 1,
        "timestamp" => 2,
        "capacity" => 3,
        "current_tasks" => 4,
        "max_tasks" => 5,
        "uptime_seconds" => 6,
        "last_heartbeat" => 7,
        "capabilities" => 8,
        "resource_usage" => 9,
        _ => 10,
    }
}

fn state(name: &str) -> Option<AgentState> {
    Some(match name {
        "idle" => AgentState::Idle,
        "busy" => AgentState::Busy,
        "error" => AgentState::Error,
        "offline" => AgentState::Offline,
        "starting" => AgentState::Starting,
        "stopping" => AgentState::Stopping,
        _ => return None,
    })
}

fn names(reader: &mut Jiter<'_>) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut next = reader.next_array().ok()?;
    while next.is_some() {
        let name = reader.next_str().ok()?;
        CAPABILITY.check(name).ok()?;
        if names.iter().any(|known| known == name) {
            return None;
        }
        names.push(name.to_owned());
        next = reader.array_step().ok()?;
    }
    (names.len() <= 256).then_some(names)
}

fn usage(reader: &mut Jiter<'_>) -> Option<ResourceUsage> {
    let mut cpu_percent = None;
    let mut memory_mb = None;
    let mut disk_mb = None;
    let mut key = reader.next_object().ok()?.map(member);
    while let Some(member) = key {
        match member {
            0 if cpu_percent.is_none() => cpu_percent = Some(within(number(reader)?, 0.0, 100.0)?),
            1 if memory_mb.is_none() => memory_mb = Some(size(reader)?),
            2 if disk_mb.is_none() => disk_mb = Some(size(reader)?),
            _ => return None,
        }
        key = reader.next_key().ok()?.map(self::member);
    }
    Some(ResourceUsage {
        cpu_percent: cpu_percent?,
        memory_mb: memory_mb?,
        disk_mb: disk_mb?,
    })
}

fn member(name: &str) -> usize {
    match name {
        "cpu_percent" => 0,
        "memory_mb" => 1,
        "disk_mb" => 2,
        _ => 3,
    }
}

fn number(reader: &mut Jiter<'_>) -> Option<f64> {
    Some(match reader.next_number().ok()? {
        jiter::NumberAny::Float(value) => value,
        jiter::NumberAny::Int(NumberInt::Int(value)) => f64::from(i32::try_from(value).ok()?),
        jiter::NumberAny::Int(NumberInt::BigInt(_)) => return None,
    })
}

fn within(value: f64, low: f64, high: f64) -> Option<f64> {
    (low..=high).contains(&value).then_some(value)
}

fn integer(reader: &mut Jiter<'_>) -> Option<i64> {
    match reader.next_int().ok()? {
        NumberInt::Int(value) => Some(value),
        NumberInt::BigInt(_) => None,
    }
}

fn size(reader: &mut Jiter<'_>) -> Option<u64> {
    u64::try_from(integer(reader)?)
        .ok()
        .filter(|size| *size <= 9_007_199_254_740_991)
}
