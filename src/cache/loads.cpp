#include "cache/loads.hpp"

#include "cache/error.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "redis/error.hpp"
#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"
#include "runtime/timeout.hpp"

namespace seendr::cache {

namespace {

// How often others look whether the owner of a lease is done.
constexpr BackoffOptions kPoll{Millis(10), Millis(100)};

// Passes a cancellation on; what else was caught is a failure of Redis, which a load survives.
void require_failure(const std::exception_ptr& error) {
  if (is_cancellation(error)) std::rethrow_exception(error);
}

}  // namespace

Loads::Loads(Store& store)
    : store_(store),
      options_(store.options()),
      tasks_(store.client().executor(), [this](const std::string&, std::exception_ptr error) {
        store_.env().log.error("cache_load_broke", "error", what(error));
      }) {}

std::string Loads::id_of(const Key& key) const {
  return std::to_string(key.version.value_or(options_.version)) + ":" + key.name;
}

awaitable<std::string> Loads::get(Request request) {
  const std::uint64_t arrival = ++sequence_;
  bool missed = false;
  for (;;) {
    Found found = co_await look(request.wanted);
    Probe::Class& counts = store_.probe().of(request.wanted.key.name);
    if (found.state != Found::State::absent) {
      if (wants_refresh(found, request.options)) refresh(request, found);
      const bool stale = found.state == Found::State::stale;
      if (stale) {
        counts.stale.Increment();
      } else if (!missed) {
        (found.from_memory ? counts.memory_hits : counts.redis_hits).Increment();
      }
      co_return std::move(found.text);
    }
    if (!std::exchange(missed, true)) counts.misses.Increment();

    const FlightPtr flight = board(request, Millis(-1));
    while (!flight->landed) {
      const auto [error] = co_await flight->landing.async_wait(net::as_tuple(use_awaitable));
      const net::cancellation_state cancelled = co_await net::this_coro::cancellation_state;
      if (cancelled.cancelled() != net::cancellation_type::none) throw system_error(error);
    }
    if (flight->failure) std::rethrow_exception(flight->failure);
    const bool in_time = flight->certain || flight->began > arrival;
    if (in_time && !flight->empty) co_return flight->text;
  }
}

// What Redis has; absent when it does not answer.
awaitable<Found> Loads::look(Wanted wanted) {
  if (!store_.client().connected()) co_return Found();
  std::exception_ptr failure;
  try {
    co_return co_await store_.read(std::move(wanted));
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  require_failure(failure);
  store_.probe().redis_failed();
  co_return Found();
}

std::optional<std::string> Loads::recall(const Wanted& wanted, const LoadOptions& options) {
  std::optional<Found> found = store_.recall(wanted);
  if (!found || wants_refresh(*found, options)) return std::nullopt;
  store_.probe().of(wanted.key.name).memory_hits.Increment();
  return std::move(found->text);
}

bool Loads::wants_refresh(const Found& found, const LoadOptions& options) {
  if (found.state == Found::State::stale) return true;
  if (found.load_time.count() == 0) return false;
  const double chance = store_.env().random.unit();
  return refresh_early(found.load_time, found.fresh_for, options.early, chance);
}

// Nobody waits for it, so a full house only means that it comes later.
void Loads::refresh(const Request& request, const Found& found) {
  if (flights_.contains(id_of(request.wanted.key))) return;
  if (stopped_ || flights_.size() >= options_.concurrent_loads) return;
  board(request, std::max(found.fresh_for, Millis(0)));
}

Loads::FlightPtr Loads::board(const Request& request, Millis seen_fresh_for) {
  if (stopped_) throw system_error(make_error_code(Errc::stopped), request.wanted.key.name);
  const std::string id = id_of(request.wanted.key);
  const auto found = flights_.find(id);
  if (found != flights_.end()) return found->second;
  if (flights_.size() >= options_.concurrent_loads) {
    throw system_error(make_error_code(Errc::overloaded), request.wanted.key.name);
  }
  auto flight = std::make_shared<Flight>(store_.client().executor(), request);
  flight->request.wanted.from_memory = false;
  flight->seen_fresh_for = seen_fresh_for;
  flights_.emplace(id, flight);
  tasks_.spawn("load " + id, fly(id, flight));
  return flight;
}

awaitable<void> Loads::fly(std::string id, FlightPtr flight) {
  try {
    co_await attempt(flight);
  } catch (...) {
    flight->failure = std::current_exception();
  }
  const net::cancellation_state state = co_await net::this_coro::cancellation_state;
  const bool cancelled = state.cancelled() != net::cancellation_type::none;
  if (cancelled) {
    flight->failure = std::make_exception_ptr(system_error(make_error_code(Errc::stopped)));
  }
  flight->landed = true;
  flight->landing.cancel();
  flight->request.load = nullptr;
  if (flight->failure && !cancelled) {
    co_await sleep_for(options_.back_off);
  }
  flights_.erase(id);
}

awaitable<void> Loads::attempt(FlightPtr flight) {
  std::string token = to_hex(bytes(random_bytes(store_.env().random, 16)));
  const Way way = co_await find_way(flight, token);
  if (way == Way::settled) co_return;
  if (way == Way::unleased) token.clear();
  co_await load(flight, std::move(token));
}

awaitable<Loads::Way> Loads::find_way(FlightPtr flight, std::string token) {
  const auto deadline = store_.env().clock.now() + options_.wait_limit;
  Backoff poll(kPoll);
  for (;;) {
    if (!store_.client().connected()) co_return Way::unleased;
    std::exception_ptr failure;
    Store::Turn turn = Store::Turn::theirs;
    try {
      turn = co_await take_turn(flight->key(), token);
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure) {
      require_failure(failure);
      leases_.erase(token);  // If Redis has it nevertheless, it runs out.
      store_.probe().redis_failed();
      co_return Way::unleased;
    }
    if (turn == Store::Turn::failed) {
      throw system_error(make_error_code(Errc::load_failed), flight->key().name);
    }
    const bool is_ours = turn == Store::Turn::mine;
    const bool settled = co_await settle(flight, is_ours);
    if (settled && is_ours) {
      co_await give_back(flight->key(), token, "");
    }
    if (settled) co_return Way::settled;
    if (is_ours) co_return Way::leased;
    if (store_.env().clock.now() >= deadline) {
      throw system_error(make_error_code(Errc::wait_timeout), flight->key().name);
    }
    const Millis pause = poll.next(store_.env().random);
    co_await sleep_for(pause);
  }
}

awaitable<Store::Turn> Loads::take_turn(Key key, std::string token) {
  // Remembered before the answer: a lease whose answer was lost must be given back too.
  leases_.emplace(token, key);
  const Store::Turn turn = co_await store_.acquire(std::move(key), token);
  if (turn != Store::Turn::mine) leases_.erase(token);
  co_return turn;
}

// Whether there is nothing left to load: another process has stored the value since it was missed,
// or is about to refresh it.
awaitable<bool> Loads::settle(FlightPtr flight, bool is_ours) {
  if (flight->is_refresh() && !is_ours) {
    flight->empty = true;
    co_return true;
  }
  // Who comes after this look asks for themselves: the lease is still to be given back, and the
  // value may be invalidated meanwhile.
  flight->began = ++sequence_;
  Found found = co_await look(flight->request.wanted);
  if (found.state == Found::State::absent) co_return false;
  if (is_ours && found.state == Found::State::stale) co_return false;
  if (flight->is_refresh() && found.fresh_for <= flight->seen_fresh_for) co_return false;
  flight->text = std::move(found.text);
  co_return true;
}

// With an empty token there is no lease, and nothing is stored.
awaitable<void> Loads::load(FlightPtr flight, std::string token) {
  const Env& env = store_.env();
  Meta meta;
  if (!token.empty()) {
    meta.marks = co_await marks(flight);
  }
  if (!token.empty() && meta.marks.size() < flight->request.wanted.tags.size()) {
    leases_.erase(token);
    token.clear();
  }
  meta.stale = flight->request.options.stale;

  flight->began = ++sequence_;
  const auto start = env.clock.now();
  Loaded loaded;
  std::exception_ptr failure;
  try {
    awaitable<Loaded> loading = flight->request.load();
    loaded = co_await with_timeout(std::move(loading), options_.load_limit);
  } catch (...) {
    failure = std::current_exception();
  }
  const auto took = env.clock.now() - start;
  Probe::Class& counts = store_.probe().of(flight->key().name);
  counts.load_seconds.Increment(std::chrono::duration<double>(took).count());
  if (failure) {
    const net::cancellation_state state = co_await net::this_coro::cancellation_state;
    if (state.cancelled() != net::cancellation_type::none) std::rethrow_exception(failure);
    counts.failed.Increment();
    const std::string why = "failed: " + what(failure);
    if (!token.empty()) {
      co_await give_back(flight->key(), token, why);
    }
    std::rethrow_exception(failure);
  }
  counts.loads.Increment();
  meta.load_time = std::chrono::duration_cast<std::chrono::microseconds>(took);
  flight->text = loaded.text;
  if (!token.empty()) {
    flight->certain = co_await keep(flight, token, std::move(loaded), std::move(meta));
  }
}

// Fewer than the tags when Redis fails.
awaitable<Marks> Loads::marks(FlightPtr flight) {
  const LoadOptions& options = flight->request.options;
  const Millis ttl = options.ttl == kDefaultTtl ? options_.ttl : options.ttl;
  Millis longest = std::max(ttl, options.negative_ttl);
  if (longest != kForever) longest += options.stale;
  std::exception_ptr failure;
  try {
    co_return co_await store_.marks(flight->request.wanted.tags, longest);
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  require_failure(failure);
  store_.probe().redis_failed();
  co_return Marks();
}

Millis Loads::lifetime(const LoadOptions& options, bool absent) {
  if (absent) return options.negative_ttl;
  const Millis ttl = options.ttl == kDefaultTtl ? options_.ttl : options.ttl;
  if (ttl.count() <= 0) return ttl;
  return jittered(ttl, options_.jitter, store_.env().random.unit());
}

// Stores the value and gives the lease back. False when it was not stored.
awaitable<bool> Loads::keep(FlightPtr flight, std::string token, Loaded loaded, Meta meta) {
  const LoadOptions& options = flight->request.options;
  Write write;
  write.key = flight->key();
  write.form = flight->request.wanted.form;
  write.text = std::move(loaded.text);
  write.ttl = lifetime(options, loaded.absent);
  write.meta = std::move(meta);
  if (loaded.absent) write.meta.stale = Millis(0);
  if (write.ttl.count() <= 0) {
    co_await give_back(flight->key(), token, "");
    co_return false;
  }
  std::exception_ptr failure;
  try {
    const bool stored = co_await store_.finish(std::move(write), token);
    leases_.erase(token);
    co_return stored;
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  require_failure(failure);
  store_.probe().redis_failed();
  leases_.erase(token);  // It runs out by itself.
  co_return false;
}

awaitable<void> Loads::give_back(Key key, std::string token, std::string failure_text) {
  std::exception_ptr failure;
  try {
    co_await store_.abandon(std::move(key), token, std::move(failure_text));
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  if (failure) {
    require_failure(failure);
    store_.probe().redis_failed();
  }
  leases_.erase(token);
}

awaitable<void> Loads::close() {
  stopped_ = true;
  tasks_.cancel();
  co_await tasks_.join();
  flights_.clear();
  const auto leases = std::exchange(leases_, {});
  for (const auto& [token, lease] : leases) {
    if (!store_.client().connected()) break;
    co_await give_back(lease, token, "");
  }
}

}  // namespace seendr::cache
