// What runs beside the calls, from start to end.
#include "match/matchmaker_state.hpp"
#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"

namespace seendr::match {
namespace {

constexpr std::size_t kQueueLimit = 65'536;
constexpr Millis kLongLag{2000};  // A shorter one is not worth a word.

RelaxCurve curve_of(const Options& options) {
  if (!options.relax_curve.empty()) {
    if (auto curve = RelaxCurve::through(options.relax_curve)) return *curve;
  }
  return RelaxCurve::linear(options.relax);
}

}  // namespace

Matchmaker::State::State(const Env& env, Executor executor, redis::Client& commands,
                         redis::Client& tail, StateServer& server, InterestNames names,
                         Options options, std::string instance, PairSink& sink)
    : env_(env),
      executor_(executor),
      commands_(commands),
      tail_(tail),
      server_(server),
      names_(std::move(names)),
      options_(std::move(options)),
      instance_(std::move(instance)),
      sink_(sink),
      curve_(curve_of(options_)),
      pool_(commands, server, {options_.shard, options_.log_max, options_.trending_ttl}),
      probe_(env_.metrics),
      tasks_(executor,
             [this](const std::string& name, std::exception_ptr error) {
               env_.log.error("matchmaker_task_failed", "task", name, "why", what(error));
             }),
      joins_(executor, options_.batch_max, kQueueLimit,
             [this](std::vector<JoinItem> items) {
               return pool_.join(std::move(items), instance_, options_.lease);
             }),
      closes_(executor, options_.batch_max, kQueueLimit,
              [this](std::vector<CloseItem> items) { return pool_.close(std::move(items)); }),
      search_timer_(executor),
      claim_timer_(executor, Timer::time_point::max()),
      admit_tokens_(options_.admit_per_s),
      lag_(options_.lag_stop, options_.lag_go) {}

awaitable<void> Matchmaker::State::run() {
  tasks_.spawn("joins", joins_.run());
  tasks_.spawn("closes", closes_.run());
  tasks_.spawn("tail", keep_running("tail", &State::tail_loop));
  tasks_.spawn("search", keep_running("search", &State::search_loop));
  tasks_.spawn("claim", keep_running("claim", &State::claim_loop));
  tasks_.spawn("beat", keep_running("beat", &State::beat_loop));
  tasks_.spawn("sweep", keep_running("sweep", &State::sweep_loop));
  tasks_.spawn("watch", keep_running("watch", &State::watch_loop));
  Timer never(executor_, Timer::time_point::max());
  co_await never.async_wait(net::as_tuple(use_awaitable));
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  is_stopped_ = true;
  tasks_.cancel();
  co_await tasks_.join();
}

// A loop begins again after a failure of Redis, with growing delays.
awaitable<void> Matchmaker::State::keep_running(const char* name,
                                                awaitable<void> (State::*loop)()) {
  Backoff backoff(BackoffOptions{});
  while (true) {
    const std::int64_t begin = now();
    try {
      co_await (this->*loop)();
    } catch (const system_error& error) {
      if (error.code() == net::error::operation_aborted) throw;
      if (error.code() == Errc::stale_epoch) saw_stale_epoch_ = true;
      env_.log.warn("matchmaker_loop_failed", "loop", name, "why", what(error));
    }
    if (now() - begin > 10'000) backoff.reset();
    const Millis delay = backoff.next(env_.random);
    co_await sleep_for(delay);
  }
}

Millis Matchmaker::State::jittered(Millis time) const {
  const double factor = 0.9 + 0.2 * env_.random.unit();
  return Millis(static_cast<std::int64_t>(static_cast<double>(time.count()) * factor));
}

std::string Matchmaker::State::trouble() {
  if (!commands_.connected()) return "redis: " + commands_.trouble();
  if (!tail_.connected()) return "redis: " + tail_.trouble();
  if (!replica_) return "matching: reading the pool";
  if (is_reconciling_ || now() < settle_until_ms_)
    return "matching: settling after a change of Redis";
  lag_.is_stopped(now());
  if (lag_.stopped_for(now()) > kLongLag) return "matching: the log lags behind";
  return {};
}

}  // namespace seendr::match
