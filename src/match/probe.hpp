// The metrics of the matchmaker.
#pragma once

#include "base/env.hpp"

namespace seendr::match {

class Probe {
 public:
  explicit Probe(Metrics& metrics);

  void joined() { joins_.Increment(); }
  void searched(double seconds);
  void claimed() { claims_ok_.Increment(); }
  void claim_lost(bool own_was_free);
  void claim_batch(std::size_t pairs) { batch_.Observe(static_cast<double>(pairs)); }
  void paired(Millis waited, std::size_t shared);
  void lag(Millis lag) { lag_.Set(static_cast<double>(lag.count()) / 1000); }
  void resynced(const char* cause);
  void reconciled(const char* kind);
  void evicted(std::size_t tickets) { evictions_.Increment(static_cast<double>(tickets)); }
  void tickets(std::size_t all, std::size_t searching);

 private:
  Metrics& metrics_;
  Counter& joins_;
  Counter& searches_;
  Histogram& search_seconds_;
  Counter& claims_ok_;
  Counter& claims_lost_own_;
  Counter& claims_lost_other_;
  Histogram& batch_;
  Histogram& wait_;
  Histogram& shared_;
  Gauge& lag_;
  Counter& evictions_;
  Gauge& tickets_;
  Gauge& searching_;
};

}  // namespace seendr::match
