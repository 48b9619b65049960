// Frames of clients, in both dialogues: an action within its limits, or a refusal with a code.
#include "app/socket/protocol.hpp"
#include "codec/text.hpp"
#include "match/person.hpp"

#include "fuzz/fuzz.hpp"

namespace seendr::app {
namespace {

void check_search(const action::FindMatch& search) {
  fuzz::require(search.interests.size() <= match::kMaxInterests, "interests are bounded");
  fuzz::require(search.min_shared >= 0, "min_shared is no debt");
  for (const std::string& language : search.languages) {
    fuzz::require(match::is_tag(language), "languages are tags");
  }
}

void check(std::string_view frame, Profile profile) {
  const auto parsed = parse_action(frame, profile);
  const auto* asked = std::get_if<Action>(&parsed);
  if (!asked) return;
  if (const auto* search = std::get_if<action::FindMatch>(&asked->what)) check_search(*search);
  if (const auto* next = std::get_if<action::Next>(&asked->what)) {
    if (next->search) check_search(*next->search);
  }
  if (const auto* chat = std::get_if<action::Chat>(&asked->what)) {
    fuzz::require(is_utf8(chat->text), "chat is UTF-8");
    fuzz::require(chat->text.size() <= 4 * kMaxChatCharacters, "chat is bounded");
  }
}

}  // namespace
}  // namespace seendr::app

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using seendr::app::Profile;
  const std::string_view frame = seendr::fuzz::text_of(data, size);
  for (const Profile profile : {Profile::v1, Profile::article}) seendr::app::check(frame, profile);
  return 0;
}
