#include "tasks/schedule_store.hpp"

#include "redis/error.hpp"
#include "tasks/elect.lua.hpp"
#include "tasks/fire.lua.hpp"
#include "tasks/forget.lua.hpp"
#include "tasks/keys.hpp"
#include "tasks/message_format.hpp"

namespace seendr::tasks {

ScheduleStore::ScheduleStore(const Env& env, redis::Client& redis, ScheduleStoreOptions options)
    : redis_(redis),
      options_(options),
      owner_(make_uuid(env.random)),
      elect_(kElectLua),
      fire_(kFireLua),
      forget_(kForgetLua) {}

std::int64_t ScheduleStore::now_ms() const {
  return options_.clock ? options_.clock->wall_ms() : 0;
}

awaitable<Term> ScheduleStore::elect(Millis lease) {
  const redis::Reply reply = co_await elect_.run(redis_, 1, std::string_view(kScheduleLeaderKey),
                                                 owner_, lease.count(), now_ms());
  const std::vector<redis::Reply>& parts = reply.as_array();
  if (parts.size() != 3) throw system_error(redis::Errc::bad_reply);
  co_return Term{parts[0].as_int(), Instant(Millis(parts[1].as_int())), Millis(parts[2].as_int())};
}

awaitable<void> ScheduleStore::resign() {
  co_await elect(Millis(0));
}

awaitable<std::map<std::string, std::string>> ScheduleStore::settled() {
  const redis::Command all("HGETALL", std::string_view(kScheduleSettledKey));
  const redis::Reply reply = co_await redis_.exec(all);
  const std::vector<redis::Reply>& parts = reply.as_array();
  std::map<std::string, std::string> settled;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    settled[parts[i].text()] = parts[i + 1].text();
  }
  co_return settled;
}

awaitable<Settled> ScheduleStore::settle(std::int64_t token, Settling settling) {
  const std::vector<std::string> keys = {kScheduleLeaderKey, kScheduleSettledKey, settling.queue};
  std::vector<std::string> arguments = {std::to_string(token), settling.entry, settling.before,
                                        settling.after, std::to_string(options_.queue_limit)};
  for (std::string& envelope : settling.envelopes) arguments.push_back(std::move(envelope));
  const redis::Reply reply = co_await fire_.run(redis_, keys, arguments);
  switch (reply.as_int()) {
    case 1:
      co_return Settled::done;
    case -1:
      co_return Settled::full;
    default:
      co_return Settled::stale;
  }
}

awaitable<void> ScheduleStore::forget(std::int64_t token, std::vector<std::string> entries) {
  if (entries.empty()) co_return;
  const std::vector<std::string> keys = {kScheduleLeaderKey, kScheduleSettledKey};
  std::vector<std::string> arguments = {std::to_string(token)};
  for (std::string& entry : entries) arguments.push_back(std::move(entry));
  co_await forget_.run(redis_, keys, arguments);
}

}  // namespace seendr::tasks
