#include "match/keys.hpp"
#include "match/pool.hpp"

namespace seendr::match {
namespace {

constexpr int kScanCount = 1000;
constexpr int kReadCount = 2048;
constexpr Millis kReadMargin{5000};  // Beyond the wait that Redis was asked for.

}  // namespace

awaitable<std::vector<std::optional<Record>>> Pool::records(std::vector<UserId> people) {
  std::vector<std::optional<Record>> out;
  if (people.empty()) co_return out;
  redis::Command get("HMGET", shard_key(settings_.shard, "people"));
  for (const UserId user : people) get.arg(user.text());
  const redis::Reply reply = co_await redis_.exec(std::move(get));
  const auto& found = reply.as_array();
  for (std::size_t i = 0; i < people.size(); ++i) {
    const std::string* text = found.at(i).as_string();
    out.push_back(text ? parse_record(people[i], *text) : std::nullopt);
  }
  co_return out;
}

awaitable<std::optional<RoomRow>> Pool::room(RoomId room) {
  const redis::Command get("HGET", shard_key(settings_.shard, "rooms"), room.text());
  const redis::Reply reply = co_await redis_.exec(get);
  const std::string* text = reply.as_string();
  if (!text) co_return std::nullopt;
  co_return parse_room_row(*text);
}

awaitable<LogId> Pool::log_end() {
  const redis::Command info("XINFO", "STREAM", shard_key(settings_.shard, "log"));
  const redis::Reply reply = co_await redis_.exec(info);
  const auto& fields = reply.as_array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text() != "last-generated-id") continue;
    const auto id = parse_log_id(fields[i + 1].text());
    if (id) co_return *id;
  }
  throw system_error(Errc::bad_reply, "the end of the log");
}

awaitable<std::vector<std::pair<std::string, std::int64_t>>> Pool::instances() {
  const redis::Command range("ZRANGE", shard_key(settings_.shard, "instances"), 0, -1,
                             "WITHSCORES");
  const redis::Reply reply = co_await redis_.exec(range);
  const auto& fields = reply.as_array();
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    out.emplace_back(fields[i].text(), fields[i + 1].as_int());
  }
  co_return out;
}

awaitable<Pool::Page> Pool::scan(std::string cursor) {
  const redis::Command scan("HSCAN", shard_key(settings_.shard, "people"), cursor, "COUNT",
                            kScanCount);
  const redis::Reply reply = co_await redis_.exec(scan);
  Page page;
  page.cursor = reply.as_array().at(0).text();
  const auto& fields = reply.as_array().at(1).as_array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto user = parse_user_id(fields[i].text());
    if (!user) continue;
    auto record = parse_record(*user, fields[i + 1].text());
    if (record) page.people.emplace_back(*user, std::move(*record));
  }
  co_return page;
}

awaitable<std::vector<LogEntry>> Pool::read_log(redis::Client& tail, LogId after, Millis wait) {
  const std::string key = shard_key(settings_.shard, "log");
  const redis::Command read("XREAD", "BLOCK", wait.count(), "COUNT", kReadCount, "STREAMS", key,
                            after.text());
  const Millis limit = wait + kReadMargin;
  const redis::Reply reply = co_await tail.exec(read, limit);
  if (reply.is_nil()) co_return std::vector<LogEntry>();
  co_return log_entries(reply.as_array().at(0).as_array().at(1));
}

}  // namespace seendr::match
