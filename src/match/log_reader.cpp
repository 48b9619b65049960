#include "match/log_reader.hpp"

#include "match/error.hpp"
#include "match/keys.hpp"

namespace seendr::match {

std::vector<LogEntry> log_entries(const redis::Reply& reply) {
  std::vector<LogEntry> out;
  for (const redis::Reply& entry : reply.as_array()) {
    const auto id = parse_log_id(entry.as_array().at(0).text());
    if (!id) throw system_error(Errc::bad_reply, "a log entry");
    const auto& fields = entry.as_array().at(1).as_array();
    const bool ours = fields.size() == 2 && fields[0].text() == "e";
    out.push_back(LogEntry{*id, ours ? fields[1].text() : std::string()});
  }
  return out;
}

awaitable<std::vector<LogEntry>> read_log(redis::Client& redis, std::string_view shard, LogId after,
                                          std::size_t count) {
  const redis::Command range("XRANGE", shard_key(shard, "log"), "(" + after.text(), "+", "COUNT",
                             count);
  const redis::Reply reply = co_await redis.exec(range);
  co_return log_entries(reply);
}

awaitable<LogId> last_of_log(redis::Client& redis, std::string_view shard) {
  const redis::Command last("XREVRANGE", shard_key(shard, "log"), "+", "-", "COUNT", 1);
  const redis::Reply reply = co_await redis.exec(last);
  const std::vector<LogEntry> entries = log_entries(reply);
  co_return entries.empty() ? LogId{} : entries.front().id;
}

}  // namespace seendr::match
