#include "tasks/dead_letters.hpp"

#include "base/json.hpp"
#include "redis/check.hpp"
#include "tasks/keys.hpp"
#include "tasks/message_format.hpp"
#include "tasks/replay.lua.hpp"

namespace seendr::tasks {

namespace {

std::string field_of(const json::object& reason, std::string_view key) {
  const json::value* found = reason.if_contains(key);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// "<reason>\n<list>\n<envelope>", as settle.lua writes it.
DeadLetter letter_of(std::string name, std::int64_t buried_ms, const std::string& record) {
  DeadLetter letter;
  letter.name = std::move(name);
  letter.buried_ms = buried_ms;
  const std::size_t first = record.find('\n');
  const std::size_t second = first == std::string::npos ? first : record.find('\n', first + 1);
  if (second == std::string::npos) return letter;
  letter.list = record.substr(first + 1, second - first - 1);
  letter.envelope = record.substr(second + 1);
  const std::optional<json::object> reason = json::parse_object(record.substr(0, first));
  if (!reason) return letter;
  letter.reason = field_of(*reason, "reason");
  letter.exception = field_of(*reason, "exception");
  letter.task = field_of(*reason, "task");
  letter.id = field_of(*reason, "id");
  return letter;
}

// With no attempt and no lost worker behind it, and no time when it was due or too late.
std::string fresh(const std::string& envelope) {
  result<Message> message = decode(envelope);
  if (!message) return envelope;
  message->retries = 0;
  message->deliveries = 0;
  message->headers.erase("seendr_deliveries");
  message->headers.erase("redelivered");
  message->eta.reset();
  message->expires.reset();
  return encode(*message);
}

}  // namespace

DeadLetters::DeadLetters(redis::Client& redis) : redis_(redis), replay_(kReplayLua) {}

awaitable<std::size_t> DeadLetters::count() {
  const redis::Command count("ZCARD", std::string_view(kDeadKey));
  const redis::Reply reply = co_await redis_.exec(count);
  co_return static_cast<std::size_t>(reply.as_int());
}

awaitable<std::vector<DeadLetter>> DeadLetters::list(std::size_t limit, std::size_t skip) {
  std::vector<DeadLetter> letters;
  if (limit == 0) co_return letters;
  const redis::Command range("ZREVRANGE", std::string_view(kDeadKey), skip, skip + limit - 1,
                             "WITHSCORES");
  const redis::Reply reply = co_await redis_.exec(range);
  const std::vector<redis::Reply>& found = reply.as_array();
  if (found.empty()) co_return letters;
  redis::Command get("HMGET", std::string_view(kBuriedKey));
  for (std::size_t i = 0; i + 1 < found.size(); i += 2) get.arg(found[i].text());
  const redis::Reply records = co_await redis_.exec(std::move(get));
  for (std::size_t i = 0; i < records.as_array().size(); ++i) {
    const std::string* record = records.as_array()[i].as_string();
    if (!record) continue;  // Gone meanwhile.
    letters.push_back(letter_of(found[2 * i].text(), found[2 * i + 1].as_int(), *record));
  }
  co_return letters;
}

awaitable<std::optional<DeadLetter>> DeadLetters::show(std::string name) {
  redis::Pipeline both;
  both.add("ZSCORE", std::string_view(kDeadKey), name);
  both.add("HGET", std::string_view(kBuriedKey), name);
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(both));
  redis::throw_if_error(replies);
  if (replies[0].is_nil() || replies[1].is_nil()) co_return std::nullopt;
  co_return letter_of(std::move(name), replies[0].as_int(), replies[1].text());
}

awaitable<bool> DeadLetters::replay(std::string name) {
  const std::optional<DeadLetter> letter = co_await show(name);
  if (!letter) co_return false;
  const std::string envelope = fresh(letter->envelope);
  const redis::Reply reply =
      co_await replay_.run(redis_, 3, std::string_view(kDeadKey), std::string_view(kBuriedKey),
                           letter->list, name, envelope);
  co_return reply.as_int() == 1;
}

awaitable<bool> DeadLetters::discard(std::string name) {
  const redis::Reply reply =
      co_await replay_.run(redis_, 3, std::string_view(kDeadKey), std::string_view(kBuriedKey),
                           std::string_view(kDeadKey), name, std::string_view());
  co_return reply.as_int() == 1;
}

awaitable<std::size_t> DeadLetters::purge() {
  redis::Pipeline all;
  all.add("ZCARD", std::string_view(kDeadKey));
  all.add("DEL", std::string_view(kDeadKey), std::string_view(kBuriedKey));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(all));
  redis::throw_if_error(replies);
  co_return static_cast<std::size_t>(replies[0].as_int());
}

}  // namespace seendr::tasks
