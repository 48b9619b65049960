#include "tasks/unacked.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/json.hpp"
#include "tasks/json_text.hpp"
#include "tasks/keys.hpp"
#include "tasks/message_format.hpp"
#include "tasks/restore.lua.hpp"

namespace seendr::tasks {

namespace {

constexpr int kAtOnce = 1000;

// Of "[envelope, exchange, routing key]".
struct Note {
  std::string queue;
  std::string list;
  std::string envelope;
};

std::optional<Note> read_note(const std::string& text) {
  const std::optional<json::value> parsed = read_json(text);
  const json::array* parts = parsed ? parsed->if_array() : nullptr;
  if (!parts || parts->size() != 3 || !(*parts)[0].is_object() || !(*parts)[2].is_string()) {
    return std::nullopt;
  }
  Note note;
  note.queue = (*parts)[2].get_string();
  note.envelope = write_json((*parts)[0]);
  const result<Message> message = decode(note.envelope);
  note.list = list_key(note.queue, message ? step_of(message->priority) : 0);
  return note;
}

std::string seconds(std::int64_t us) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(us) / 1e6);
  return text.data();
}

}  // namespace

Unacked::Unacked(redis::Client& redis, Millis visibility, std::vector<std::string> queues)
    : redis_(redis), visibility_(visibility), queues_(std::move(queues)), restore_(kRestoreLua) {}

awaitable<std::size_t> Unacked::restore() {
  const redis::Command clock("TIME");
  const redis::Reply time = co_await redis_.exec(clock);
  const std::int64_t now_us =
      time.as_array().at(0).as_int() * 1'000'000 + time.as_array().at(1).as_int();
  const std::string until =
      seconds(now_us - std::chrono::duration_cast<std::chrono::microseconds>(visibility_).count());
  const redis::Command old("ZREVRANGEBYSCORE", std::string_view(kUnackedIndexKey), until, "0",
                           "LIMIT", 0, kAtOnce);
  const redis::Reply tags = co_await redis_.exec(old);
  std::size_t restored = 0;
  for (const redis::Reply& entry : tags.as_array()) {
    const std::string tag = entry.text();
    const redis::Command get("HGET", std::string_view(kUnackedKey), tag);
    const redis::Reply noted = co_await redis_.exec(get);
    const std::string text = noted.is_nil() ? std::string() : noted.text();
    std::optional<Note> note;
    if (!text.empty()) {
      note = read_note(text);
      const bool ours =
          note && std::find(queues_.begin(), queues_.end(), note->queue) != queues_.end();
      if (!ours) continue;
    }
    const std::vector<std::string> keys{kUnackedKey, kUnackedIndexKey, kMirroredKey,
                                        note ? note->list : std::string(kUnackedKey)};
    const std::vector<std::string> argv{
        tag, text, note ? redelivered(std::move(note->envelope), 0) : std::string(), until};
    const redis::Reply reply = co_await restore_.run(redis_, keys, argv);
    restored += static_cast<std::size_t>(reply.as_int());
  }
  co_return restored;
}

}  // namespace seendr::tasks
