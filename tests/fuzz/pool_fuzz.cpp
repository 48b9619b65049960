// What Redis holds of the pool and its log: what is read can be written, and is read as the same
// again.
#include "match/log_event.hpp"
#include "match/record.hpp"

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seendr;
  const std::string_view text = fuzz::text_of(data, size);
  match::parse_record(UserId{7}, text);
  match::parse_room_row(text);
  const match::LogId id{5, 1};
  if (const auto event = match::parse_event(id, text)) {
    const std::string written = match::encode(*event);
    const auto again = match::parse_event(id, written);
    fuzz::require(again.has_value(), "an entry that was written can be read");
    fuzz::require(match::encode(*again) == written, "the entry says the same");
  }
  if (const auto attributes = match::parse_attributes(text)) {
    const auto again = match::parse_attributes(match::encode(*attributes));
    fuzz::require(again == attributes, "attributes say the same");
  }
  return 0;
}
