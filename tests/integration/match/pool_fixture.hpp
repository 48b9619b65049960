// A pool on a real Redis, and short ways to put people into it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "match/keys.hpp"
#include "match/log_event.hpp"
#include "match/pool.hpp"
#include "support/people.hpp"
#include "support/redis_test.hpp"

namespace seendr::match::test {

class PoolTest : public seendr::test::RedisTest {
 protected:
  PoolTest()
      : server_(env(), "all"),
        client_(another_client([this](auto& options) { options.on_connect = server_.greeting(); })),
        pool(client_, server_, {}) {
    run([this]() -> awaitable<void> { co_await client_.wait_connected(Millis(5000)); });
  }

  static JoinItem item(UserId user, std::uint64_t session = 1, std::int64_t t0_ms = 0) {
    Attributes attributes;
    attributes.languages = {"en"};
    return JoinItem{user, session, t0_ms, encode(attributes), "1,2"};
  }

  // Joins one person as a new ticket.
  awaitable<InPool> join(UserId user, std::uint64_t session = 1, Millis lease = Millis(120'000)) {
    const std::vector<JoinItem> items(1, item(user, session));
    const std::vector<Joined> joined = co_await pool.join(items, "one", lease);
    co_return std::get<InPool>(joined.front());
  }

  awaitable<Joined> join_any(UserId user, std::uint64_t session, std::string instance) {
    const std::vector<JoinItem> items(1, item(user, session));
    const std::vector<Joined> joined = co_await pool.join(items, instance, Millis(120'000));
    co_return joined.front();
  }

  static ClaimItem pair(UserId a, LogId version_a, UserId b, LogId version_b, std::string room,
                        std::string shared = "chess,music") {
    return ClaimItem{a, version_a, b, version_b, RoomId{room}, shared};
  }

  awaitable<ClaimResult> claim(ClaimItem one, Millis ack = Millis(30'000)) {
    const std::vector<ClaimItem> items(1, one);
    const auto results = co_await pool.claim(items, server_.epoch(), ack);
    co_return results.front();
  }

  // Both join and become a pair in `room`.
  awaitable<LogId> seat(UserId a, UserId b, std::string room, Millis ack = Millis(30'000)) {
    const InPool in_a = co_await join(a);
    const InPool in_b = co_await join(b);
    const ClaimItem both = pair(a, in_a.version, b, in_b.version, room);
    const ClaimResult result = co_await claim(both, ack);
    co_return result.id.value();
  }

  awaitable<bool> close(std::string room, CloseReason reason = CloseReason::left) {
    const std::vector<CloseItem> items(1, CloseItem{RoomId{room}, reason});
    const std::vector<bool> ended = co_await pool.close(items);
    co_return ended.front();
  }

  awaitable<std::optional<Record>> record(UserId user) {
    const std::vector<UserId> one(1, user);
    const auto records = co_await pool.records(one);
    co_return records.front();
  }

  // The whole log as text, without ids.
  awaitable<std::vector<std::string>> log() {
    const redis::Command range("XRANGE", shard_key("all", "log"), "-", "+");
    const redis::Reply reply = co_await client_.exec(range);
    std::vector<std::string> out;
    for (const redis::Reply& entry : reply.as_array()) {
      out.push_back(entry.as_array().at(1).as_array().at(1).text());
    }
    co_return out;
  }

  awaitable<std::int64_t> number(redis::Command command) {
    const redis::Reply reply = co_await client_.exec(command);
    co_return reply.as_int();
  }

  StateServer server_;
  redis::Client& client_;

 public:
  Pool pool;
};

}  // namespace seendr::match::test
