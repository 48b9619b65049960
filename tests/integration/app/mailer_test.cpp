#include "app/mail/mailer.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "runtime/task_group.hpp"
#include "support/env.hpp"
#include "support/mail_server.hpp"
#include "support/postgres_test.hpp"
#include "support/run.hpp"

namespace seendr::app {
namespace {

using test::MailServer;

class MailerTest : public testing::Test {
 protected:
  Delivery deliver(Mailer& mailer, std::string to = "ada@example.org") {
    const Mail mail{std::move(to), "Hello", "text\n", "<p>html</p>\n", MailKind::verification};
    Delivery delivery;
    test::run(io_, [&]() -> awaitable<void> { delivery = co_await mailer.deliver(mail); });
    return delivery;
  }

  static MailOptions to_server(const MailServer& server) {
    MailOptions options;
    options.smtp.emplace();
    options.smtp->host = "127.0.0.1";
    options.smtp->port = server.port();
    options.smtp->security = SmtpSecurity::none;
    return options;
  }

  static std::size_t files(const std::string& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".eml") ++count;
    }
    return count;
  }

  test::TestEnv env_;
  net::io_context io_;
  test::TempFolder folder_;
};

TEST_F(MailerTest, WritesToTheOutboxWhenThereIsNoServer) {
  MailOptions options;
  options.outbox = folder_.path() + "/outbox";
  Mailer mailer(env_.real(), options);
  EXPECT_EQ(deliver(mailer).kind, Delivery::Kind::sent);
  EXPECT_EQ(deliver(mailer).kind, Delivery::Kind::sent);
  EXPECT_EQ(files(options.outbox), 2u);
}

TEST_F(MailerTest, SendsToTheServerAndWritesNothing) {
  MailServer server({"plain"});
  MailOptions options = to_server(server);
  options.outbox = folder_.path();
  Mailer mailer(env_.real(), options);
  EXPECT_EQ(deliver(mailer).kind, Delivery::Kind::sent);
  EXPECT_EQ(server.next().at("subject").as_string(), "Hello");
  EXPECT_EQ(files(folder_.path()), 0u);
}

TEST_F(MailerTest, GivesUpWhatCanNeverBeWritten) {
  MailOptions options;
  options.outbox = folder_.path();
  Mailer mailer(env_.real(), options);
  EXPECT_EQ(deliver(mailer, "ada@example.org\r\nBcc: bob@example.org").kind,
            Delivery::Kind::permanent);
  EXPECT_EQ(files(folder_.path()), 0u);
  Mailer nowhere(env_.real(), MailOptions{});
  EXPECT_EQ(deliver(nowhere).kind, Delivery::Kind::permanent);
}

TEST_F(MailerTest, CountsAttemptsByResult) {
  MailServer server({"plain"});
  Mailer mailer(env_.real(), to_server(server));
  deliver(mailer);
  deliver(mailer, "never@example.org");
  const std::string scraped = env_.metrics.scrape();
  EXPECT_NE(scraped.find(R"(seendr_app_mails_total{kind="verification",result="sent"} 1)"),
            std::string::npos)
      << scraped;
  EXPECT_NE(scraped.find(R"(seendr_app_mails_total{kind="verification",result="permanent"} 1)"),
            std::string::npos);
}

TEST_F(MailerTest, SendsNothingThatNobodyWaitsForAnyMore) {
  MailServer server({"plain"});
  Mailer mailer(env_.real(), to_server(server));
  const auto one = [](Mailer& sender, std::string to) -> awaitable<void> {
    Mail mail{std::move(to), "Hello", "text\n", "<p>html</p>\n", MailKind::verification};
    co_await sender.deliver(std::move(mail));
  };
  const TaskGroup::OnFailure failed = [](const std::string&, std::exception_ptr error) {
    ADD_FAILURE() << what(error);
  };
  test::run(io_, [&]() -> awaitable<void> {
    TaskGroup first(io_.get_executor(), failed);
    TaskGroup others(io_.get_executor(), failed);
    TaskGroup waiting(io_.get_executor(), failed);
    first.spawn("stuck", one(mailer, "stuck@example.org"));
    for (std::size_t i = 1; i < kMailsAtOnce; ++i) {
      others.spawn("stuck", one(mailer, "stuck@example.org"));
    }
    waiting.spawn("given up", one(mailer, "ada@example.org"));
    waiting.cancel();
    co_await waiting.join();
    first.cancel();  // The one thread that is free then delivers in order.
    co_await first.join();
    co_await one(mailer, "bob@example.org");
    mailer.stop();
    co_await others.join();
  });
  EXPECT_EQ(server.next().at("to"), json::value(json::array{"bob@example.org"}));
}

TEST_F(MailerTest, TakesNoMoreThanItCanKeepAndFailsTheRestAtOnce) {
  MailServer server({"silent"});
  Mailer mailer(env_.real(), to_server(server));
  std::size_t refused = 0;
  std::size_t cut_off = 0;
  const Mail mail{"ada@example.org", "Hello", "text\n", "<p>html</p>\n", MailKind::verification};
  auto one = [&]() -> awaitable<void> {
    const Delivery delivery = co_await mailer.deliver(mail);
    EXPECT_EQ(delivery.kind, Delivery::Kind::temporary);
    if (delivery.reason == "too many mails wait") {
      ++refused;
    } else {
      ++cut_off;
    }
  };
  test::run(io_, [&]() -> awaitable<void> {
    TaskGroup tasks(io_.get_executor(), [](const std::string&, std::exception_ptr) {});
    for (int i = 0; i < 300; ++i) tasks.spawn("one", one());
    Timer turn(io_.get_executor(), std::chrono::milliseconds(0));
    while (refused < 44) {
      turn.expires_after(std::chrono::milliseconds(1));
      co_await turn.async_wait(use_awaitable);
    }
    mailer.stop();
    co_await tasks.join();
  });
  EXPECT_EQ(refused, 44u);
  EXPECT_EQ(cut_off, 256u);
}

}  // namespace
}  // namespace seendr::app
