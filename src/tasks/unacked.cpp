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

constexpr std::size_t kPage = 100;
constexpr int kPages = 100;  // Of one look.

// Of "[envelope, exchange, routing key]".
struct Note {
  std::string queue;
  std::string list;
  std::string envelope;
};

// Not what is beyond the limits of a message: that is left to Celery.
std::optional<Note> read_note(const std::string& text) {
  if (text.size() > 2 * kMaxEnvelope || count_values(text) > 2 * kMaxValues) return std::nullopt;
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
  std::size_t restored = 0;
  std::size_t skipped = 0;  // Of other queues, or taken by somebody else.
  for (int page = 0; page < kPages; ++page) {
    const redis::Command old("ZREVRANGEBYSCORE", std::string_view(kUnackedIndexKey), until, "0",
                             "LIMIT", skipped, kPage);
    const redis::Reply reply = co_await redis_.exec(old);
    const std::vector<redis::Reply>& tags = reply.as_array();
    if (tags.empty()) break;
    redis::Command get("HMGET", std::string_view(kUnackedKey));
    for (const redis::Reply& tag : tags) get.arg(tag.text());
    const redis::Reply noted = co_await redis_.exec(std::move(get));
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const redis::Reply& note = noted.as_array().at(i);
      std::string tag = tags[i].text();
      std::string text;
      if (!note.is_nil()) text = note.text();
      const std::int64_t outcome = co_await restore_one(std::move(tag), std::move(text), until);
      if (outcome == 1) ++restored;
      if (outcome == 0) ++skipped;
    }
  }
  co_return restored;
}

// As restore.lua returns.
awaitable<std::int64_t> Unacked::restore_one(std::string tag, std::string text, std::string until) {
  std::optional<Note> note;
  if (!text.empty()) {
    note = read_note(text);
    const bool ours =
        note && std::find(queues_.begin(), queues_.end(), note->queue) != queues_.end();
    if (!ours) co_return 0;
  }
  const std::vector<std::string> keys{kUnackedKey, kUnackedIndexKey, kMirroredKey,
                                      note ? note->list : std::string(kUnackedKey)};
  const std::vector<std::string> argv{
      tag, text, note ? redelivered(std::move(note->envelope), 0) : std::string(), until};
  const redis::Reply reply = co_await restore_.run(redis_, keys, argv);
  co_return reply.as_int();
}

}  // namespace seendr::tasks
