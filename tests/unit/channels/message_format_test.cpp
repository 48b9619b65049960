#include "channels/message_format.hpp"

#include <limits>

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
  EXPECT_FALSE(decode(prefix + *from_hex("810101")));        // A number as a key.
  EXPECT_FALSE(decode(prefix + *from_hex("81a2c32801")));    // A key that is not UTF-8.
  EXPECT_TRUE(decode(prefix + *from_hex("80")));
}

TEST(MessageFormat, RefusesNestingThatOnlyAnAttackerWouldSend) {
  const auto nested = [](std::size_t depth) {
    return *from_hex("81a161") + std::string(depth, '\x91') + "\x01";
  };

  EXPECT_TRUE(decode_map(nested(100)));
  EXPECT_FALSE(decode_map(nested(200)));
  EXPECT_FALSE(decode_map(nested(1'000'000)));
}

TEST(MessageFormat, ReadsEveryWidthThatPythonMayWrite) {
  // {"a": str8, "b": bin, "c": float32, "d": 2**64-1, "e": -2**63, "f": int8 in 64 bits, "g": None}
  const auto map =
      decode_map(*from_hex("87"
                           "a161d9026869"
                           "a162c4020001"
                           "a163ca3fc00000"
                           "a164cfffffffffffffffff"
                           "a165d38000000000000000"
                           "a166d30000000000000005"
                           "a167c0"));

  ASSERT_TRUE(map);
  EXPECT_EQ((*map)["a"], "hi");
  EXPECT_EQ((*map)["b"], Message::binary({0, 1}));
  EXPECT_EQ((*map)["c"], 1.5);
  EXPECT_EQ((*map)["d"], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ((*map)["e"], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ((*map)["f"], 5);
  EXPECT_TRUE((*map)["g"].is_null());
}

TEST(MessageFormat, WritesAMessageOfThePubSubLayerAsTheMapAlone) {
  const Message message{{"type", "x"}, {"b", Message::binary({1})}};

  const std::string bytes = encode_map(message);

  EXPECT_EQ(decode_map(bytes), message);
  EXPECT_EQ(bytes, *from_hex("82"
                             "a162c40101"
                             "a474797065a178"));  // Keys in order.
  // What channels_redis.pubsub writes for it: the order in which the keys were given.
  EXPECT_EQ(decode_map(*from_hex("82a474797065a178a162c40101")), message);
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
