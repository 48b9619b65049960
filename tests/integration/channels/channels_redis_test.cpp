// Beside channels_redis 4.3: what it puts into our inbox, and what we put into one of its own.
//
// Its messages are bytes kept from wire-formats.md and from msgpack 1.0.3, as Debian has 4.0 only,
// which tests/interop runs. With its default options 4.3 writes and reads the same; with others,
// which docs/channels.md forbids, nothing that it writes may be taken for something else.
#include <limits>

#include <gtest/gtest.h>

#include "channels/layer.hpp"
#include "codec/text.hpp"

#include "layer_host.hpp"

namespace seendr::channels {
namespace {

constexpr const char* kTheirInbox = "asgispecific.0123456789abcdef0123456789abcdef!";
constexpr const char* kTheirs =
    "specific.0123456789abcdef0123456789abcdef!fedcba9876543210fedcba9876543210";

// {"type": "user.notice", "text": "Grüße", "n": 2**64 - 1, "raw": b"\0\xff", to one name of 74}.
constexpr std::string_view kNotice =
    "85a474797065ab757365722e6e6f74696365a474657874a74772c3bcc39f65"
    "a16ecfffffffffffffffffa3726177c40200ff"
    "b05f5f617367695f6368616e6e656c5f5f";

std::string hex_of(std::string_view text) {
  return to_hex(bytes(text));
}

// A name of 74 characters: send() gives it as a string, group_send() in an array.
std::string as_string(std::string_view name) {
  return "d94a" + hex_of(name);
}
std::string as_array(std::string_view name) {
  return "91" + as_string(name);
}

class ChannelsRedisTest : public LayerTest {
 protected:
  // As 4.3 does after it looked at the capacity, whether it sends to one channel or to a group.
  awaitable<void> python_sends(std::string channel, std::string map_in_hex) {
    const std::string key = "asgi" + std::string(inbox_of(channel));
    redis::Pipeline commands;
    commands.add(redis::Command("ZADD", key, "1700000000.123456",
                                *from_hex("586ed72e810ea79c0a462ff3" + map_in_hex)));
    commands.add(redis::Command("EXPIRE", key, 60));
    co_await redis().exec(std::move(commands));
  }

  // The only message that waits in that inbox, without its random bytes; and its score.
  struct Waiting {
    std::string map_in_hex;
    double score = 0;
  };
  awaitable<Waiting> waiting(std::string key) {
    const redis::Command pop("BZPOPMIN", key, 5);  // As its reader does.
    const redis::Reply popped = co_await redis().exec(pop);
    const redis::Command count("ZCARD", key);
    const redis::Reply left = co_await redis().exec(count);
    EXPECT_EQ(left.as_int(), 0);
    const std::vector<redis::Reply>& fields = popped.as_array();
    const std::string message = fields.at(1).text();
    EXPECT_GT(message.size(), 12U);
    Waiting found;
    found.map_in_hex = hex_of(std::string_view(message).substr(12));
    found.score = std::stod(fields.at(2).text());
    co_return found;
  }

  const Message notice_{{"type", "user.notice"},
                        {"text", "Grüße"},
                        {"n", std::numeric_limits<std::uint64_t>::max()},
                        {"raw", Message::binary({0, 255})}};
};

TEST_F(ChannelsRedisTest, WhatItSendsToOneChannelAndToAGroupArrives) {
  redis::Client& inbox = another_client();
  run(
      [&]() -> awaitable<void> {
        Host host(env(), io(), redis(), inbox);
        const std::string mine = host.layer.new_channel();
        EXPECT_EQ(mine.size(), 74U);
        const std::string notice(kNotice);

        co_await python_sends(mine, notice + as_string(mine));
        const bool first = co_await receives(host, 1);
        co_await python_sends(mine, notice + as_array(mine));
        const bool second = co_await receives(host, 2);

        EXPECT_TRUE(first && second);
        for (const auto& [channel, message] : host.received.messages) {
          EXPECT_EQ(channel, mine);
          EXPECT_EQ(message, notice_);
        }
        co_await host.stop();
      },
      std::chrono::seconds(30));
}

TEST_F(ChannelsRedisTest, WhatWeSendHasItsKeysItsBytesAndItsClock) {
  run([&]() -> awaitable<void> {
    LayerOptions options;
    options.expiry = std::chrono::seconds(60);
    Layer layer(env(), redis(), redis(), options);
    const double now = static_cast<double>(env().clock.wall_ms()) / 1000;
    const redis::Command joins("ZADD", "asgi:group:room.1", now, kTheirs);
    co_await redis().exec(joins);
    const std::string key(kTheirInbox);
    // Ours has its keys in order; a reader of maps does not mind.
    const std::string rest =
        "a16ecfffffffffffffffffa3726177c40200ffa474657874a74772c3bcc39f65"
        "a474797065ab757365722e6e6f74696365";
    const std::string head = "85b05f5f617367695f6368616e6e656c5f5f";

    const SendResult sent = co_await layer.group_send("room.1", notice_);
    const redis::Command ttl("TTL", key);
    const redis::Reply life = co_await redis().exec(ttl);
    const Waiting of_group = co_await waiting(key);
    const bool delivered = co_await layer.send(kTheirs, notice_);
    const Waiting of_send = co_await waiting(key);

    EXPECT_EQ(sent.members, 1U);
    EXPECT_TRUE(delivered);
    EXPECT_EQ(of_group.map_in_hex, head + as_array(kTheirs) + rest);
    EXPECT_EQ(of_send.map_in_hex, head + as_string(kTheirs) + rest);
    EXPECT_NEAR(of_group.score, now, 5);
    EXPECT_GT(life.as_int(), 50);
    EXPECT_LE(life.as_int(), 60);
  });
}

TEST_F(ChannelsRedisTest, APlainChannelHasItsNameForAKeyAndInAGroupAnArrayOfOne) {
  run([&]() -> awaitable<void> {
    Layer layer(env(), redis(), redis(), LayerOptions{});
    const redis::Command joins("ZADD", "asgi:group:room.1", env().clock.wall_ms() / 1000,
                               "plainch");
    co_await redis().exec(joins);
    const Message message({{"type", "chat.msg"}, {"text", "hi"}});

    co_await layer.group_send("room.1", message);
    const Waiting of_group = co_await waiting("asgiplainch");
    co_await layer.send("plainch", message);
    const Waiting of_send = co_await waiting("asgiplainch");

    EXPECT_EQ(of_group.map_in_hex,
              "83b05f5f617367695f6368616e6e656c5f5f91a7706c61696e6368"
              "a474657874a26869a474797065a8636861742e6d7367");
    EXPECT_EQ(of_send.map_in_hex, "82a474657874a26869a474797065a8636861742e6d7367");
  });
}

TEST_F(ChannelsRedisTest, WhatASiteWithOtherOptionsSendsIsCountedAndHarmsNobody) {
  redis::Client& inbox = another_client();
  run([&]() -> awaitable<void> {
    Host host(env(), io(), redis(), inbox);
    const std::string mine = host.layer.new_channel();
    const std::string json = R"({"type": "user.notice", "__asgi_channel__": ")" + mine + "\"}";
    const std::string fernet =
        "gAAAAABlU_eAdGhpcyBpcyBubyByZWFsIHRva2VuLCBidXQgbG9va3MgbGlrZSBvbmU=";
    const std::string notice(kNotice);

    co_await python_sends(mine, hex_of(json));    // serializer_format: json
    co_await python_sends(mine, hex_of(fernet));  // symmetric_encryption_keys
    co_await python_sends(mine, "00000000" + notice + as_string(mine));  // 16 random bytes
    co_await python_sends(mine, notice + as_string(mine));
    const bool got = co_await receives(host, 1);
    const bool empty = co_await empties(mine);

    EXPECT_TRUE(got);
    EXPECT_TRUE(empty);
    EXPECT_EQ(host.received.messages.size(), 1U);
    EXPECT_NE(metrics().scrape().find("seendr_channels_unreadable_total 3"), std::string::npos);
    co_await host.stop();
  });
}

}  // namespace
}  // namespace seendr::channels
