#include "tasks/queues.hpp"

#include <array>
#include <cassert>

#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "redis/check.hpp"
#include "tasks/claim.lua.hpp"
#include "tasks/join.lua.hpp"
#include "tasks/keys.hpp"
#include "tasks/progress.lua.hpp"
#include "tasks/promote.lua.hpp"
#include "tasks/renew.lua.hpp"
#include "tasks/revoke.lua.hpp"
#include "tasks/settle.lua.hpp"
#include "tasks/sweep.lua.hpp"

namespace seendr::tasks {

namespace {

std::string new_owner(Random& random) {
  const std::string raw = random_bytes(random, 12);
  return to_hex(bytes(raw));
}

std::string_view name_of_fate(Fate fate) {
  static constexpr std::array<std::string_view, 4> kNames = {"ack", "back", "later", "bury"};
  return kNames[static_cast<std::size_t>(fate)];
}

}  // namespace

Queues::Queues(const Env& env, redis::Client& redis, QueuesOptions options)
    : redis_(redis),
      options_(options),
      owner_(new_owner(env.random)),
      claim_(kClaimLua),
      renew_(kRenewLua),
      settle_(kSettleLua),
      report_(kProgressLua),
      sweep_(kSweepLua),
      promote_(kPromoteLua),
      revoke_(kRevokeLua),
      join_(kJoinLua) {}

// Lists and envelopes, as claim.lua and sweep.lua return them, with the names they are held by.
std::vector<Delivery> Queues::named(std::uint64_t first, const std::vector<redis::Reply>& parts,
                                    std::size_t from) const {
  std::vector<Delivery> deliveries;
  for (std::size_t i = from; i + 1 < parts.size(); i += 2) {
    const std::string name = owner_ + "." + std::to_string(first + deliveries.size());
    deliveries.push_back(Delivery{name, parts[i].text(), parts[i + 1].text()});
  }
  return deliveries;
}

awaitable<Claim> Queues::claim(std::vector<Source> sources, std::size_t limit) {
  std::vector<std::string> keys{kHeldKey,    kLeasesKey,       kRevokedKey, kTimersKey,
                                kUnackedKey, kUnackedIndexKey, kMirroredKey};
  for (std::size_t step = 0; step < kSteps.size(); ++step) {
    for (const Source& source : sources) keys.push_back(list_key(source.queue, step));
  }
  const std::uint64_t first = number_;
  number_ += limit;  // Set aside, so that no other call gives the same names.
  std::vector<std::string> argv{owner_, std::to_string(first),
                                std::to_string(options_.lease.count()), std::to_string(limit),
                                options_.visibility > Millis(0) ? "1" : "0"};
  for (const Source& source : sources) argv.push_back(std::to_string(source.room));
  const redis::Reply reply = co_await claim_.run(redis_, keys, argv);

  const std::vector<redis::Reply>& parts = reply.as_array();
  if (parts.size() < 3) throw system_error(redis::Errc::bad_reply);
  Claim claim;
  claim.time = Time(std::chrono::microseconds(parts[0].as_int()));
  claim.any_revoked = parts[1].as_int() > 0;
  if (parts[2].as_int() >= 0) claim.next_timer_ms = parts[2].as_int();
  claim.deliveries = named(first, parts, 3);
  co_return claim;
}

awaitable<std::vector<Renewal>> Queues::renew(std::vector<std::string> deliveries,
                                              std::vector<std::string> task_ids) {
  assert(deliveries.size() == task_ids.size());
  std::vector<Renewal> renewals;
  if (deliveries.empty()) co_return renewals;
  const std::vector<std::string> keys{kLeasesKey, kRevokedKey, kUnackedIndexKey};
  std::vector<std::string> argv{std::to_string(options_.lease.count())};
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    argv.push_back(std::move(deliveries[i]));
    argv.push_back(std::move(task_ids[i]));
  }
  const redis::Reply reply = co_await renew_.run(redis_, keys, argv);
  for (const redis::Reply& state : reply.as_array()) {
    renewals.push_back(static_cast<Renewal>(state.as_int()));
  }
  if (renewals.size() != task_ids.size()) throw system_error(redis::Errc::bad_reply);
  co_return renewals;
}

awaitable<Verdict> Queues::settle(Delivery delivery, Settlement settlement) {
  assert(settlement.reason.find('\n') == std::string::npos);
  const bool buries = settlement.fate == Fate::bury;
  const std::int64_t number =
      buries ? static_cast<std::int64_t>(options_.max_dead) : settlement.due_ms;
  const int keys = 12;
  redis::Command settle("EVALSHA", settle_.sha(), keys, kHeldKey, kLeasesKey, kTimersKey, kTimedKey,
                        kDeadKey, kBuriedKey, result_key(settlement.task_id),
                        done_key(settlement.task_id), kTakenKey, kUnackedKey, kUnackedIndexKey,
                        kMirroredKey, delivery.name, name_of_fate(settlement.fate), delivery.list,
                        settlement.envelope, number, settlement.reason, settlement.result,
                        options_.result_ttl.count(), settlement.done_ttl.count(),
                        settlement.next.size(), settlement.chords.size());
  for (const std::string& group : settlement.chords) settle.arg(chord_key(group, ""));
  for (const Outgoing& one : settlement.next) {
    const std::string chord = one.chord.empty() ? std::string() : chord_key(one.chord, "");
    settle.arg(one.list).arg(one.envelope).arg(chord);
  }
  for (const auto& [key, value] : settlement.stored) settle.arg(key).arg(value);
  const Millis limit = redis_.options().command_timeout;
  const redis::Reply reply = co_await settle_.run_command(redis_, std::move(settle), limit);
  if (reply.as_int() == 1) co_return Verdict::counts;
  co_return reply.as_int() == 0 ? Verdict::taken : Verdict::gone;
}

awaitable<bool> Queues::report(std::string delivery, std::string task_id, std::string result) {
  const redis::Reply reply =
      co_await report_.run(redis_, 2, std::string_view(kLeasesKey), result_key(task_id), delivery,
                           result, options_.result_ttl.count());
  co_return reply.as_int() == 1;
}

awaitable<std::vector<Delivery>> Queues::sweep() {
  const std::uint64_t first = number_;
  number_ += options_.sweep_limit;
  const std::vector<std::string> keys{kHeldKey,         kLeasesKey,   kTakenKey, kUnackedKey,
                                      kUnackedIndexKey, kMirroredKey, kSweptKey};
  const std::vector<std::string> argv{owner_, std::to_string(first),
                                      std::to_string(options_.lease.count()),
                                      std::to_string(options_.sweep_limit)};
  const redis::Reply reply = co_await sweep_.run(redis_, keys, argv);
  co_return named(first, reply.as_array(), 0);
}

awaitable<std::size_t> Queues::promote() {
  const redis::Reply reply = co_await promote_.run(
      redis_, 2, std::string_view(kTimersKey), std::string_view(kTimedKey), options_.promote_limit);
  co_return static_cast<std::size_t>(reply.as_int());
}

awaitable<void> Queues::revoke(std::vector<std::string> task_ids) {
  const std::vector<std::string> keys{kRevokedKey};
  std::vector<std::string> argv{std::to_string(options_.revoked_ttl.count())};
  argv.insert(argv.end(), task_ids.begin(), task_ids.end());
  co_await revoke_.run(redis_, keys, argv);
}

awaitable<std::vector<std::string>> Queues::join(std::string group, std::string index,
                                                 std::string part) {
  const redis::Reply reply =
      co_await join_.run(redis_, 3, chord_key(group, ".j"), chord_key(group, ".t"),
                         chord_key(group, ".s"), index, part, options_.result_ttl.count());
  std::vector<std::string> parts;
  for (const redis::Reply& one : reply.as_array()) parts.push_back(one.text());
  co_return parts;
}

awaitable<Queues::Marks> Queues::marks(std::vector<std::string> task_ids) {
  Marks marks;
  if (task_ids.empty()) co_return marks;
  redis::Command revoked("ZMSCORE", std::string_view(kRevokedKey));
  revoked.args(task_ids).repeatable();
  redis::Command done("MGET");
  for (const std::string& id : task_ids) done.arg(done_key(id));
  redis::Command clock("TIME");
  clock.repeatable();
  redis::Pipeline all;
  all.add(std::move(revoked)).add(std::move(done)).add(std::move(clock));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(all));
  redis::throw_if_error(replies);
  const std::int64_t now_s = replies[2].as_array().at(0).as_int();
  const double now_ms = static_cast<double>(now_s) * 1000;
  for (const redis::Reply& until : replies[0].as_array()) {
    marks.revoked.push_back(!until.is_nil() && std::stod(until.text()) > now_ms);
  }
  for (const redis::Reply& mark : replies[1].as_array()) marks.done.push_back(!mark.is_nil());
  co_return marks;
}

}  // namespace seendr::tasks
