// Reads a shard's log in steps, for who need not hear of an entry the moment it is written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "match/person.hpp"
#include "redis/client.hpp"

namespace seendr::match {

struct LogEntry {
  LogId id;
  std::string text;  // Of parse_event(); empty when somebody else wrote the entry.
};

// Entries of a reply to XRANGE, or of one stream in a reply to XREAD. Throws system_error with
// Errc::bad_reply.
std::vector<LogEntry> log_entries(const redis::Reply& reply);

// The entries after that one, at most `count`; none when there is no log.
awaitable<std::vector<LogEntry>> read_log(redis::Client& redis, std::string_view shard, LogId after,
                                          std::size_t count);

// The id of the last entry; 0-0 when there is none.
awaitable<LogId> last_of_log(redis::Client& redis, std::string_view shard);

}  // namespace seendr::match
