// What can be set about matching: the keys match.* with their defaults. Meanings: matching.md 10.
#pragma once

#include <string>
#include <vector>

#include "match/need.hpp"

namespace seendr::match {

struct Options {
  std::string shard = "all";  // The one part of the pool that this process serves.
  Millis relax{5000};         // Until a search takes anybody; ignored when a curve is given.
  std::vector<CurvePoint> relax_curve;  // Empty: linear from everything to nothing at `relax`.
  Millis rate_window{5000};             // Over which arrivals are averaged.
  Millis search_timeout{600'000};       // The most a client may ask for.
  Millis research{200};                 // Between searches in the first two seconds.
  Millis research_slow{500};            // Between later ones.
  std::size_t batch_max = 16;           // Items of one script call; 1 to 16.
  Millis cooldown{600'000};             // Before the same two may meet again.
  std::size_t cooldown_partners = 16;   // How many partners are remembered.
  Millis lease{120'000};                // Life of a record that nobody renews.
  Millis renew{40'000};                 // How often each record is renewed.
  Millis hold{10'000};                  // How long a waiting person without socket keeps the place.
  Millis ack{30'000};                   // Lease of a fresh pair.
  Millis no_show{10'000};               // Within which both must have entered the room.
  Millis beat{1000};                    // Between signs of life of this process.
  Millis suspect{3000};                 // Silence after which people of a process are not offered.
  Millis evict{6000};                   // Silence after which their tickets are removed.
  Millis lag_stop{150};                 // Replica lag above which no claim is started...
  Millis lag_go{75};                    // ...until it is below this.
  Millis settle{1000};                  // Pause of claims after a new epoch.
  std::size_t log_max = 500'000;        // Entries kept in the log, about 100 bytes each.
  double admit_per_s = 5000;            // Joins a second of this process; above it: overloaded.
  Millis trending_ttl{8LL * 24 * 3600 * 1000};  // Life of an hour's counts.
};

}  // namespace seendr::match
