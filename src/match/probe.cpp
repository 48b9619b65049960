#include "match/probe.hpp"

namespace seendr::match {
namespace {

constexpr auto kClaims = "seendr_match_claims_total";
constexpr auto kClaimsHelp = "Claims by result.";

}  // namespace

Probe::Probe(Metrics& metrics)
    : metrics_(metrics),
      joins_(metrics.counter("seendr_match_joins_total", "Tickets put into the pool.")),
      searches_(metrics.counter("seendr_match_searches_total", "Searches in the replica.")),
      search_seconds_(metrics.histogram("seendr_match_search_seconds", "Time of one search.",
                                        {1e-6, 5e-6, 2e-5, 1e-4, 5e-4, 2e-3, 1e-2})),
      claims_ok_(metrics.counter(kClaims, kClaimsHelp, {{"result", "ok"}})),
      claims_lost_own_(metrics.counter(kClaims, kClaimsHelp, {{"result", "lost_own"}})),
      claims_lost_other_(metrics.counter(kClaims, kClaimsHelp, {{"result", "lost_other"}})),
      batch_(metrics.histogram("seendr_match_claim_batch_size", "Pairs in one claim call.",
                               {1, 2, 4, 8, 16})),
      wait_(metrics.histogram("seendr_match_wait_seconds", "From the search to the match.",
                              {0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300})),
      shared_(metrics.histogram("seendr_match_shared_interests", "Interests that a pair shares.",
                                {0, 1, 2, 3, 4, 5, 6, 8, 10})),
      lag_(metrics.gauge("seendr_match_log_lag_seconds", "From a beat to its entry in the log.")),
      evictions_(metrics.counter("seendr_match_evictions_total",
                                 "Tickets of dead processes that were removed.")),
      tickets_(
          metrics.gauge("seendr_match_tickets", "Tickets in the replica.", {{"state", "all"}})),
      searching_(metrics.gauge("seendr_match_tickets", "Tickets in the replica.",
                               {{"state", "searching"}})) {}

void Probe::searched(double seconds) {
  searches_.Increment();
  search_seconds_.Observe(seconds);
}

void Probe::claim_lost(bool own_was_free) {
  (own_was_free ? claims_lost_other_ : claims_lost_own_).Increment();
}

void Probe::paired(Millis waited, std::size_t shared) {
  wait_.Observe(static_cast<double>(waited.count()) / 1000);
  shared_.Observe(static_cast<double>(shared));
}

void Probe::resynced(const char* cause) {
  metrics_
      .counter("seendr_match_resyncs_total", "New snapshots of the pool by cause.",
               {{"cause", cause}})
      .Increment();
}

void Probe::reconciled(const char* kind) {
  metrics_
      .counter("seendr_match_reconciled_total", "What was set right after a fail-over.",
               {{"kind", kind}})
      .Increment();
}

void Probe::tickets(std::size_t all, std::size_t searching) {
  tickets_.Set(static_cast<double>(all));
  searching_.Set(static_cast<double>(searching));
}

}  // namespace seendr::match
