// What the matcher knows of a person who waits: attributes, interests, and their place in the pool.
//
// Both travel in the log and in Redis as text:
//
//   attributes
//   lang=en,fr;reg=eu;want=eu,na;region=prefer;mode=video;age=adult;pol=prefer;min=1;act=1
//   interests   12,5,99          (dictionary ids)
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace seendr::match {

inline constexpr std::size_t kMaxInterests = 10;
inline constexpr std::size_t kMaxTags = 16;       // Languages or regions of one person.
inline constexpr std::size_t kMaxTagLength = 16;  // Bytes of one language or region.

// The id of a log entry, "5-12": epoch, then a number without gaps in that epoch. As the version of
// a ticket it is unique, ordered, and answers "is this still the same ticket?".
struct LogId {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;

  std::string text() const;
  auto operator<=>(const LogId&) const = default;
};

// Digits, '-', digits; nullopt otherwise.
std::optional<LogId> parse_log_id(std::string_view text);

enum class Mode { text, audio, video };
enum class Policy { strict, prefer, any };  // How much the person insists on shared interests.
enum class RegionPolicy { prefer, strict };

std::string_view name(Mode mode);
std::string_view name(Policy policy);
std::string_view name(RegionPolicy policy);
std::optional<Mode> parse_mode(std::string_view text);
std::optional<Policy> parse_policy(std::string_view text);
std::optional<RegionPolicy> parse_region_policy(std::string_view text);

// Letters, digits, '-' and '_', 1 to kMaxTagLength of them: what may name a language or a region.
bool is_tag(std::string_view text);

struct Attributes {
  std::vector<std::string> languages;
  std::string region;               // Empty: unknown.
  std::vector<std::string> wanted;  // Regions looked for; empty: the own one.
  RegionPolicy region_policy = RegionPolicy::prefer;
  Mode mode = Mode::video;
  bool adult = false;
  Policy policy = Policy::prefer;
  int min_shared = 1;   // Counts with Policy::strict only; 0 to kMaxInterests.
  bool active = false;  // A standing search, not merely connected.

  // Shared interests without which this person is not to be paired, whoever searches.
  int own_minimum() const { return policy == Policy::strict ? min_shared : 0; }
  bool operator==(const Attributes&) const = default;
};

// The text above, always with all keys in that order. What is no tag is left out.
std::string encode(const Attributes& attributes);

// Reads the text above; `lang` and `age` must be there, other keys have the defaults of Attributes,
// unknown keys are ignored. nullopt for anything malformed, doubled or out of range.
std::optional<Attributes> parse_attributes(std::string_view text);

std::string encode_interests(const std::vector<std::uint32_t>& interests);

// At most kMaxInterests different ids, in any order; the empty text is no interests.
std::optional<std::vector<std::uint32_t>> parse_interests(std::string_view text);

// One person's place in the pool.
struct Ticket {
  UserId user;
  LogId version;
  std::string instance;       // The process that holds the person's socket.
  std::uint64_t session = 0;  // Grows with every join of the person, anywhere.
  std::int64_t t0_ms = 0;     // Since when they wait, by the clock of Redis.
  Attributes attributes;
  std::vector<std::uint32_t> interests;  // Dictionary ids, each once.
  bool held = false;                     // Keeps the place, cannot be claimed.
};

}  // namespace seendr::match
