// Celery's canvas: what follows from a task that ended, by chains, callbacks, groups and chords.
// Pure.
//
// A step is a signature, {"task", "args", "kwargs", "options", "subtask_type", "immutable"}. The
// embed of a message holds the rest of its chain (last step first), callbacks, errbacks, and the
// body of the chord that it is a part of. Format: docs/tasks.md.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tasks/message_format.hpp"
#include "tasks/queues.hpp"

namespace seendr::tasks {

// A place in a chord that a task has filled.
struct ChordPart {
  std::string group;
  std::string index;  // "+inf" when it has none.
  std::string task_id;
  json::object body;  // What runs when all are there.
};

struct Following {
  std::vector<Outgoing> messages;
  std::vector<std::pair<std::string, std::string>> stored;  // Keys, and what they get.

  // More than 10,000 steps or 64 MiB, or one that no worker would read: these are not all, and none
  // may be sent.
  bool too_much = false;

  // Of a body that will not run: why, and the places in other chords that it does not fill.
  std::optional<Failure> failure;
  std::vector<ChordPart> failed;
};

// After `message` returned `value`: the next step of its chain, and its callbacks. They may be too
// many.
Following after_success(const Message& message, const json::value& value, Time now, Random& random);

// After it failed for good: its errbacks, and the failure of the steps that will not be run.
Following after_failure(const Message& message, const Failure& failure, Time now, Random& random);

// The places that the end of `message` fills: its own and, when it failed, those of the steps of
// its chain that will not be run.
std::vector<ChordPart> parts_of(const Message& message, bool succeeded);

// What a part leaves for the body. `outcome`: its value, or its exception.
std::string part_text(const ChordPart& part, State state, const json::value& outcome);

// All parts are there, in order: the body, or its failure if one of them failed.
Following chord_complete(const Message& message, const ChordPart& part,
                         const std::vector<std::string>& parts, Time now, Random& random);

}  // namespace seendr::tasks
