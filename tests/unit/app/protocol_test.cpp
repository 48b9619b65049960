#include "app/socket/protocol.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

const Action* action_of(const std::variant<Action, Refusal>& parsed) {
  return std::get_if<Action>(&parsed);
}

std::string code_of(std::string_view frame, Profile profile = Profile::v1) {
  const auto parsed = parse_action(frame, profile);
  const auto* refusal = std::get_if<Refusal>(&parsed);
  return refusal ? refusal->code : "";
}

TEST(Protocol, ReadsASearchWithEveryField) {
  const auto parsed = parse_action(
      R"({"action":"find_match","id":"c1","interests":["music","chess"],"languages":["en"],
          "regions":["eu"],"mode":"audio","policy":"strict","min_shared":2,
          "region_policy":"strict","wait":true,"timeout_ms":5000,"ice_policy":"relay"})",
      Profile::v1);

  ASSERT_TRUE(action_of(parsed));
  EXPECT_EQ(action_of(parsed)->id, "c1");
  const auto& search = std::get<action::FindMatch>(action_of(parsed)->what);
  EXPECT_EQ(search.interests, (std::vector<std::string>{"music", "chess"}));
  EXPECT_EQ(search.mode, match::Mode::audio);
  EXPECT_EQ(search.policy, match::Policy::strict);
  EXPECT_EQ(search.min_shared, 2);
  EXPECT_EQ(search.region_policy, match::RegionPolicy::strict);
  EXPECT_TRUE(search.wait);
  EXPECT_EQ(search.timeout, Millis(5000));
  EXPECT_TRUE(search.relay);
}

TEST(Protocol, TellsWhatIsWrongWithAFrame) {
  EXPECT_EQ(code_of("{"), "bad_json");
  EXPECT_EQ(code_of(""), "bad_json");
  EXPECT_EQ(code_of("[]"), "bad_request");
  EXPECT_EQ(code_of("{}"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":7})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"dance"})"), "unknown_action");
  EXPECT_EQ(code_of(R"({"action":"call_stats"})"), "unknown_action");
  EXPECT_EQ(code_of(R"({"action":"find_match","interests":"music"})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"find_match","interests":[1]})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"find_match","mode":"smell"})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"find_match","languages":["e|n"]})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"find_match","min_shared":11})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"find_match","wait":"yes"})"), "bad_request");
  EXPECT_EQ(code_of(R"({"action":"leave_room"})"), "bad_request");
}

TEST(Protocol, TakesTenInterestsAndNotEleven) {
  std::string ten =
      R"({"action":"find_match","interests":["a","b","c","d","e","f","g","h","i","j")";
  EXPECT_EQ(code_of(ten + "]}"), "");
  EXPECT_EQ(code_of(ten + R"(,"k"]})"), "bad_request");
  EXPECT_EQ(code_of(ten + R"(,"k"]})", Profile::article), "bad_request");
}

TEST(Protocol, ASignalHasExactlyOneOfItsThreeKinds) {
  const std::string head = R"({"action":"signal","room_id":"r")";
  EXPECT_EQ(code_of(head + R"(,"candidate":null})"), "");
  EXPECT_EQ(code_of(head + R"(,"candidate":{"candidate":"x"}})"), "");
  EXPECT_EQ(code_of(head + R"(,"renew":true})"), "");
  EXPECT_EQ(code_of(head + R"(,"description":{"type":"offer","sdp":"v=0"}})"), "");
  EXPECT_EQ(code_of(head + "}"), "bad_request");
  EXPECT_EQ(code_of(head + R"(,"renew":true,"candidate":null})"), "bad_request");
  EXPECT_EQ(code_of(head + R"(,"renew":false})"), "bad_request");
  EXPECT_EQ(code_of(head + R"(,"description":{"type":"dance","sdp":""}})"), "bad_request");
  EXPECT_EQ(code_of(head + R"(,"description":"v=0"})"), "bad_request");
}

TEST(Protocol, SdpAndChatHaveLimitsOfTheirOwn) {
  const std::string sdp(kMaxSdpBytes, 'x');
  const std::string signal =
      R"({"action":"signal","room_id":"r","description":{"type":"offer","sdp":")";
  EXPECT_EQ(code_of(signal + sdp + R"("}})"), "");
  EXPECT_EQ(code_of(signal + sdp + R"(x"}})"), "too_large");

  const std::string chat = R"({"action":"chat_message","room_id":"r","text":")";
  std::string text;
  for (std::size_t i = 0; i < kMaxChatCharacters; ++i) text += "é";  // Characters, not bytes.
  EXPECT_EQ(code_of(chat + text + R"("})"), "");
  EXPECT_EQ(code_of(chat + text + R"(x"})"), "too_large");
}

TEST(Protocol, TheArticleProfileKnowsSearchingAlone) {
  EXPECT_EQ(code_of(R"({"action":"find_match","interests":[]})", Profile::article), "");
  EXPECT_EQ(code_of(R"({"action":"leave_room","room_id":"r"})", Profile::article),
            "unknown_action");
}

TEST(Protocol, ARefusalKeepsTheIdOfTheRequest) {
  const auto parsed = parse_action(R"({"action":"dance","id":"c9"})", Profile::v1);
  EXPECT_EQ(std::get<Refusal>(parsed).id, "c9");
}

}  // namespace
}  // namespace seendr::app
