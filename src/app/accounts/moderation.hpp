// Blocks, reports and bans in PostgreSQL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

struct Report {
  UserId reporter;
  UserId reported;
  RoomId room;
  std::string reason;  // One of kReportReasons.
  std::string note;    // At most 2,000 characters.
};

inline constexpr std::string_view kReportReasons[] = {"nudity", "abuse", "underage", "spam",
                                                      "other"};

struct Unblocked {
  UserId blocker;
  UserId blocked;
  bool other_way = false;  // That one blocks the first as well: they stay apart.
};

struct HandledReport {
  std::int64_t id = 0;
  std::optional<UserId> reporter;  // nullopt: is no more.
  // As stored for the reporter, to be shown; nullopt when there is nobody to be told.
  std::optional<json::object> notification;
};

class Moderation {
 public:
  explicit Moderation(postgres::Database& database) : database_(database) {}

  // The block's id; the same when the block was there. nullopt when there is no such person.
  awaitable<std::optional<std::int64_t>> block(UserId blocker, UserId blocked);

  // nullopt when the block is not there or somebody else's.
  awaitable<std::optional<Unblocked>> unblock(UserId blocker, std::int64_t id);

  awaitable<void> report(Report report);

  // Newest first, at most `limit`, all or those that nobody handled; each {id, created_at,
  // reporter, reported, room_id, reason, note, handled}.
  awaitable<json::array> reports(int limit, bool open_only);

  // Those of `ids` that were open: from now on `by` (1 to 64 characters) has handled them, and who
  // wrote them is told.
  awaitable<std::vector<HandledReport>> handle(std::vector<std::int64_t> ids, std::string by);

  // `days` 0: for ever. False when there is no such person.
  awaitable<bool> ban(UserId user, int days, std::string reason);

  // Ends every open ban of the person; false when there was none.
  awaitable<bool> unban(UserId user);

 private:
  postgres::Database& database_;
};

}  // namespace seendr::app
