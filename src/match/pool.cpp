#include "match/pool.hpp"

#include "match/beat.lua.hpp"
#include "match/claim.lua.hpp"
#include "match/close.lua.hpp"
#include "match/enter.lua.hpp"
#include "match/evict.lua.hpp"
#include "match/hold.lua.hpp"
#include "match/hour.hpp"
#include "match/join.lua.hpp"
#include "match/keys.hpp"
#include "match/leave.lua.hpp"
#include "match/log_event.hpp"
#include "match/restore.lua.hpp"
#include "match/sweep.lua.hpp"

namespace seendr::match {
namespace {

constexpr std::string_view kPersonLife = "86400";  // Seconds.

enum Key { people_key, lease_key, rooms_key, log_key, meta_key, instances_key, trending };

[[noreturn]] void bad_reply(const char* context) {
  throw system_error(Errc::bad_reply, context);
}

UserId user_of(const redis::Reply& reply) {
  const auto user = parse_user_id(reply.text());
  if (!user) bad_reply("a person's id");
  return *user;
}

LogId log_id_of(const redis::Reply& reply) {
  const auto id = parse_log_id(reply.text());
  if (!id) bad_reply("a log id");
  return *id;
}

Joined joined(const redis::Reply& reply) {
  const auto& parts = reply.as_array();
  const std::string what = parts.at(0).text();
  if (what == "ok") return InPool{log_id_of(parts.at(1)), parts.at(2).as_int()};
  if (what == "room") return InRoom{RoomId{parts.at(1).text()}, user_of(parts.at(2))};
  if (what != "stale") bad_reply("join");
  return StaleSession{static_cast<std::uint64_t>(parts.at(1).as_int())};
}

ClaimResult claim_result(const redis::Reply& reply) {
  if (reply.kind() == redis::Reply::Kind::integer) {
    const std::int64_t bits = reply.as_int();
    return ClaimResult{std::nullopt, (bits & 1) != 0, (bits & 2) != 0};
  }
  return ClaimResult{log_id_of(reply), true, true};
}

bool is_stale_epoch(const redis::ServerError& error) {
  return error.text().find("STALE_EPOCH") != std::string::npos;
}

}  // namespace

Pool::Scripts::Scripts()
    : enter(kEnterLua),
      join(kJoinLua),
      leave(kLeaveLua),
      hold(kHoldLua),
      claim(kClaimLua),
      close(kCloseLua),
      beat(kBeatLua),
      sweep(kSweepLua),
      evict(kEvictLua),
      restore(kRestoreLua) {}

Pool::Pool(redis::Client& redis, StateServer& server, Settings settings)
    : redis_(redis),
      server_(server),
      settings_(std::move(settings)),
      keys_(shard_keys(settings_.shard, kNoHour)) {}

std::vector<std::string> Pool::arguments(std::uint64_t epoch) const {
  return {std::to_string(epoch), std::to_string(settings_.log_max)};
}

awaitable<redis::Reply> Pool::run(const redis::Script& script, std::vector<std::string> argv,
                                  bool counts) {
  std::vector<std::string> keys(keys_.begin(), keys_.end());
  if (counts) keys[trending] = trending_key(settings_.shard, hour_text(server_.now_ms()));
  try {
    co_return co_await script.run(redis_, keys, argv);
  } catch (const redis::ServerError& error) {
    if (!is_stale_epoch(error)) throw;
  }
  throw system_error(Errc::stale_epoch);
}

awaitable<Entrance> Pool::enter(UserId user) {
  std::vector<std::string> keys(1, person_key(user));
  std::vector<std::string> argv(1, settings_.shard);
  argv.emplace_back(kPersonLife);
  const redis::Reply reply = co_await scripts_.enter.run(redis_, keys, argv);
  const auto& parts = reply.as_array();
  co_return Entrance{static_cast<std::uint64_t>(parts.at(0).as_int()), parts.at(1).text(),
                     parts.at(2).text()};
}

awaitable<void> Pool::remember_recent(UserId user, std::string recent) {
  const std::string key = person_key(user);
  redis::Pipeline pipeline;
  pipeline.add("HSET", key, "recent", recent);
  pipeline.add("EXPIRE", key, kPersonLife);
  co_await redis_.exec(std::move(pipeline));
}

awaitable<std::vector<Joined>> Pool::join(std::vector<JoinItem> people, std::string instance,
                                          Millis lease) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(std::move(instance));
  argv.push_back(std::to_string(lease.count()));
  for (const JoinItem& item : people) {
    argv.push_back(item.user.text());
    argv.push_back(std::to_string(item.session));
    argv.push_back(std::to_string(item.t0_ms));
    argv.push_back(item.attributes);
    argv.push_back(item.interests);
  }
  const redis::Reply reply = co_await run(scripts_.join, std::move(argv));
  std::vector<Joined> out;
  for (const redis::Reply& item : reply.as_array()) out.push_back(joined(item));
  if (out.size() != people.size()) bad_reply("join");
  co_return out;
}

awaitable<Leaving> Pool::leave(UserId user, std::uint64_t session, std::string reason,
                               Millis fence) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(user.text());
  argv.push_back(std::to_string(session));
  argv.push_back(std::move(reason));
  argv.push_back(std::to_string(fence.count()));
  const redis::Reply reply = co_await run(scripts_.leave, std::move(argv));
  const auto& parts = reply.as_array();
  const std::string what = parts.at(0).text();
  if (what == "ok") co_return Done{};
  if (what == "none") co_return Nothing{};
  if (what == "room") co_return InRoom{RoomId{parts.at(1).text()}, UserId{}};
  if (what != "stale") bad_reply("leave");
  co_return StaleSession{static_cast<std::uint64_t>(parts.at(1).as_int())};
}

awaitable<bool> Pool::hold(UserId user, LogId version, bool held, Millis lease) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(user.text());
  argv.push_back(version.text());
  argv.emplace_back(held ? "A" : "H");
  argv.emplace_back(held ? "H" : "A");
  argv.push_back(std::to_string(lease.count()));
  const redis::Reply reply = co_await run(scripts_.hold, std::move(argv));
  co_return reply.as_int() == 1;
}

awaitable<std::vector<ClaimResult>> Pool::claim(std::vector<ClaimItem> pairs, std::uint64_t epoch,
                                                Millis ack) {
  std::vector<std::string> argv = arguments(epoch);
  argv.push_back(std::to_string(ack.count()));
  argv.push_back(std::to_string(settings_.trending_ttl.count() / 1000));
  for (const ClaimItem& pair : pairs) {
    argv.push_back(pair.a.text());
    argv.push_back(pair.version_a.text());
    argv.push_back(pair.b.text());
    argv.push_back(pair.version_b.text());
    argv.push_back(pair.room.text());
    argv.push_back(pair.shared);
  }
  const redis::Reply reply = co_await run(scripts_.claim, std::move(argv), true);
  std::vector<ClaimResult> out;
  for (const redis::Reply& item : reply.as_array()) out.push_back(claim_result(item));
  if (out.size() != pairs.size()) bad_reply("claim");
  co_return out;
}

awaitable<std::vector<bool>> Pool::close(std::vector<CloseItem> rooms) {
  std::vector<std::string> argv = arguments(server_.epoch());
  for (const CloseItem& item : rooms) {
    argv.push_back(item.room.text());
    argv.emplace_back(name(item.reason));
  }
  const redis::Reply reply = co_await run(scripts_.close, std::move(argv));
  std::vector<bool> out;
  for (const redis::Reply& item : reply.as_array()) out.push_back(item.as_int() == 1);
  if (out.size() != rooms.size()) bad_reply("close");
  co_return out;
}

awaitable<std::int64_t> Pool::beat(std::string instance, Millis lease, std::vector<UserId> people) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(std::move(instance));
  argv.push_back(std::to_string(lease.count()));
  for (const UserId user : people) argv.push_back(user.text());
  const redis::Reply reply = co_await run(scripts_.beat, std::move(argv));
  server_.heard(reply.as_int());
  co_return reply.as_int();
}

awaitable<std::size_t> Pool::sweep(std::size_t limit) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(std::to_string(limit));
  const redis::Reply reply = co_await run(scripts_.sweep, std::move(argv));
  co_return static_cast<std::size_t>(reply.as_int());
}

awaitable<std::size_t> Pool::evict(std::string reason,
                                   std::vector<std::pair<UserId, LogId>> tickets) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(std::move(reason));
  for (const auto& [user, version] : tickets) {
    argv.push_back(user.text());
    argv.push_back(version.text());
  }
  const redis::Reply reply = co_await run(scripts_.evict, std::move(argv));
  co_return static_cast<std::size_t>(reply.as_int());
}

awaitable<Restored> Pool::restore(Seat seat, Millis lease) {
  std::vector<std::string> argv = arguments(server_.epoch());
  argv.push_back(std::to_string(lease.count()));
  argv.push_back(seat.user.text());
  argv.push_back(seat.instance);
  argv.push_back(std::to_string(seat.session));
  argv.push_back(seat.room.text());
  argv.push_back(seat.peer.text());
  argv.push_back(seat.claim.text());
  argv.push_back(seat.shared);
  const redis::Reply reply = co_await run(scripts_.restore, std::move(argv));
  const auto& parts = reply.as_array();
  const std::string what = parts.at(0).text();
  if (what == "ok") co_return Done{};
  if (what == "room") co_return InRoom{RoomId{parts.at(1).text()}, UserId{}};
  if (what != "stale") bad_reply("restore");
  co_return StaleSession{static_cast<std::uint64_t>(parts.at(1).as_int())};
}

awaitable<void> Pool::announce_block(UserId a, UserId b) {
  const event::Blocked blocked{a, b};
  const std::string id = std::to_string(server_.epoch()) + "-*";
  const redis::Command add("XADD", keys_[log_key], "MAXLEN", "~", settings_.log_max, id, "e",
                           encode(blocked));
  co_await redis_.exec(add);
}

}  // namespace seendr::match
