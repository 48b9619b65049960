#include "channels/message_format.hpp"

#include <gtest/gtest.h>

#include "codec/text.hpp"

namespace seendr::channels {
namespace {

// What channels_redis wrote for group_send("room.1", {"type": "chat.msg", "text": "hi"}).
constexpr std::string_view kFromPython =
    "586ed72e810ea79c0a462ff3"
    "83a474797065a8636861742e6d7367a474657874a26869"
    "b05f5f617367695f6368616e6e656c5f5f91a7706c61696e6368";

TEST(MessageFormat, ReadsWhatChannelsRedisWrote) {
  const std::optional<Envelope> envelope = decode(*from_hex(kFromPython));

  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, (Message{{"type", "chat.msg"}, {"text", "hi"}}));
  EXPECT_EQ(envelope->channels, std::vector<std::string>{"plainch"});
}

TEST(MessageFormat, WritesTheNamesOfAGroupSendAsAnArrayAndOfASendAsAString) {
  SeededRandom random(1);
  const Envelope envelope{{{"type", "x"}}, {"specific.a!b"}};

  const std::string group = encode(envelope, false, random).substr(12);
  const std::string single = encode(envelope, true, random).substr(12);

  EXPECT_EQ(Message::from_msgpack(group)["__asgi_channel__"], Message::array({"specific.a!b"}));
  EXPECT_EQ(Message::from_msgpack(single)["__asgi_channel__"], "specific.a!b");
}

TEST(MessageFormat, MakesEqualMessagesDistinct) {
  SeededRandom random(1);
  const Envelope envelope{{{"type", "x"}}, {}};

  EXPECT_NE(encode(envelope, false, random), encode(envelope, false, random));
}

TEST(MessageFormat, RefusesWhatPythonCouldNotReadEither) {
  const std::string prefix(12, 'r');
  EXPECT_FALSE(decode("short"));
  EXPECT_FALSE(decode(prefix));                              // No map.
  EXPECT_FALSE(decode(prefix + *from_hex("93010203")));      // An array.
  EXPECT_FALSE(decode(prefix + *from_hex("80") + "x"));      // Something follows.
  EXPECT_FALSE(decode(prefix + *from_hex("81a161a2c328")));  // Text that is not UTF-8.
  EXPECT_FALSE(decode(prefix + *from_hex("81a161")));        // Cut off.
  EXPECT_TRUE(decode(prefix + *from_hex("80")));
}

TEST(MessageFormat, KnowsWhichNamesTheLayerAllows) {
  EXPECT_TRUE(valid_group("seendr.user.1000000000001"));
  EXPECT_TRUE(valid_group(std::string(99, 'a')));
  EXPECT_FALSE(valid_group(std::string(100, 'a')));
  EXPECT_FALSE(valid_group("a!b"));
  EXPECT_FALSE(valid_group("a b"));
  EXPECT_FALSE(valid_group(""));
  EXPECT_TRUE(valid_channel("specific.0123!ab"));
  EXPECT_FALSE(valid_channel("a!b!c"));
  EXPECT_EQ(inbox_of("specific.0123!ab"), "specific.0123!");
  EXPECT_EQ(inbox_of("plain"), "plain");
}

}  // namespace
}  // namespace seendr::channels
