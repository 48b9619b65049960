#include "app/invalidator.hpp"

#include <algorithm>

#include <pqxx/pqxx>

#include "app/sql.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr Millis kTurn{1000};
constexpr int kSweepEvery = 30;  // Turns between two looks for what other processes left behind.
constexpr std::size_t kRows = 256;

struct Outbox {
  std::vector<std::int64_t> ids;
  std::vector<std::string> tags;
};

}  // namespace

Invalidator::Invalidator(const Env& env, postgres::Database& database, cache::Cache& cache,
                         std::function<std::uint64_t()> matches)
    : env_(env),
      database_(database),
      cache_(cache),
      matches_(std::move(matches)),
      told_(env.metrics.counter("seendr_app_invalidations_total",
                                "Changes of which the cache was told.")) {}

awaitable<void> Invalidator::sweep() {
  std::exception_ptr failure;
  try {
    for (bool more = true; more;) {
      more = co_await sweep_some();
    }
    left_behind_ = false;
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  left_behind_ = true;
  if (is_cancellation(failure)) std::rethrow_exception(failure);
  env_.log.warn("cache_not_told", "error", what(failure));
}

// True when there may be more rows. A row is deleted after the cache was told, so two processes may
// tell it the same: that costs a load at most.
awaitable<bool> Invalidator::sweep_some() {
  std::function<Outbox(pqxx::work&)> look = [](pqxx::work& w) {
    Outbox outbox;
    for (const auto& row :
         w.exec_params("select id, tag from cache_outbox order by id limit $1", kRows)) {
      outbox.ids.push_back(row[0].as<std::int64_t>());
      outbox.tags.push_back(row[1].as<std::string>());
    }
    return outbox;
  };
  const Outbox outbox = co_await database_.run(std::move(look));
  if (outbox.ids.empty()) co_return false;

  std::vector<std::string> tags = outbox.tags;
  tags.emplace_back(cache_tag::kProfiles);
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  co_await cache_.invalidate_tags(std::move(tags));

  std::function<void(pqxx::work&)> forget = [ids = joined(outbox.ids)](pqxx::work& w) {
    w.exec_params("delete from cache_outbox where id = any(string_to_array($1, ',')::bigint[])",
                  ids);
  };
  co_await database_.run(std::move(forget));
  told_.Increment(static_cast<double>(outbox.ids.size()));
  co_return outbox.ids.size() == kRows;
}

awaitable<void> Invalidator::run() {
  std::uint64_t seen = 0;
  for (int turn = 0;; ++turn) {
    if (left_behind_ || turn % kSweepEvery == 0) {
      co_await sweep();
    }
    const std::uint64_t matches = matches_();
    std::exception_ptr failure;
    try {
      if (matches != seen) {
        co_await cache_.invalidate_tag(cache_tag::kTrending);
      }
      seen = matches;
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    co_await sleep_for(kTurn);
  }
}

}  // namespace seendr::app
