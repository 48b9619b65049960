// One load for all who miss a key: in the process they share a flight, between processes one holds
// a lease in Redis.
//
// The lease is a key with its owner's token, and runs out by itself: when its process dies, another
// loads after CacheOptions::load_limit at most. A write or a delete of the key voids the lease
// without taking it: what its owner then loads is given to those who asked before, and not stored.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "cache/store.hpp"
#include "runtime/task_group.hpp"

namespace seendr::cache {

struct Loaded {
  std::string text;
  bool absent = false;  // The text says that there is no value.
};

class Loads {
 public:
  using Load = std::function<awaitable<Loaded>()>;

  struct Request {
    Wanted wanted;  // With the tags of `options`.
    LoadOptions options;
    Load load;  // Kept until the load has ended, which may be after the caller has gone.
  };

  // `store` must outlive the loads; close() must have been called before they are destroyed.
  explicit Loads(Store& store);

  // The text of a value that was in the cache, or was loaded after the call began, or by a load
  // that nothing voided. Throws what the load threw, Errc, and never a failure of Redis: without
  // Redis, every process loads for itself.
  awaitable<std::string> get(Request request);

  // The text if the memory of the process has it and nothing is to be done about it.
  std::optional<std::string> recall(const Wanted& wanted, const LoadOptions& options);

  // Cancels what is under way and gives the leases back.
  awaitable<void> close();

  std::size_t size() const { return flights_.size(); }

 private:
  // One load and those who wait for it. After a failure it stays for the time of the back-off, so
  // that who comes then hears of the same failure.
  struct Flight {
    Flight(const Executor& executor, Request of) : request(std::move(of)), landing(executor) {
      landing.expires_at(Timer::time_point::max());
    }

    Request request;
    Millis seen_fresh_for{-1};  // Of a refresh: what the value had left; -1: nobody has a value.
    std::uint64_t began = 0;    // When the load or the last look began, in steps of sequence_.
    bool landed = false;
    bool empty = false;    // It ended without an outcome: somebody else refreshes.
    bool certain = false;  // The text has just been stored: nothing voided its load.
    std::string text;
    std::exception_ptr failure;
    Timer landing;  // Never expires; cancelled when the flight has landed.

    bool is_refresh() const { return seen_fresh_for.count() >= 0; }
    const Key& key() const { return request.wanted.key; }
  };
  using FlightPtr = std::shared_ptr<Flight>;

  // How a flight comes by its value.
  enum class Way : std::uint8_t {
    settled,   // It has one, or there is nothing to do.
    leased,    // Load: the lease is ours.
    unleased,  // Load: there is no Redis to ask.
  };

  awaitable<Found> look(Wanted wanted);
  bool wants_refresh(const Found& found, const LoadOptions& options);
  void refresh(const Request& request, const Found& found);
  FlightPtr board(const Request& request, Millis seen_fresh_for);
  awaitable<void> fly(std::string id, FlightPtr flight);
  awaitable<void> attempt(FlightPtr flight);
  awaitable<Way> find_way(FlightPtr flight, std::string token);
  awaitable<bool> settle(FlightPtr flight, bool is_ours);
  awaitable<void> load(FlightPtr flight, std::string token);
  awaitable<Marks> marks(FlightPtr flight);
  awaitable<bool> keep(FlightPtr flight, std::string token, Loaded loaded, Meta meta);
  awaitable<void> give_back(Key key, std::string token, std::string failure);
  awaitable<Store::Turn> take_turn(Key key, std::string token);
  Millis lifetime(const LoadOptions& options, bool absent);
  std::string id_of(const Key& key) const;

  Store& store_;
  const CacheOptions& options_;
  std::unordered_map<std::string, FlightPtr> flights_;
  std::map<std::string, Key> leases_;  // Ours, or so it may be, by token.
  std::uint64_t sequence_ = 0;
  bool stopped_ = false;
  TaskGroup tasks_;
};

}  // namespace seendr::cache
