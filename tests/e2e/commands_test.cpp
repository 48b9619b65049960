// What the commands say to those who use them, and with what status they end.
#include <filesystem>

#include <gtest/gtest.h>

#include "http/listener.hpp"
#include "support/serve.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class CommandsTest : public testing::Test {
 protected:
  // Runs it to its end, with services of its own in the test's folder; -1 when it does not end.
  int run(std::vector<std::string> arguments) {
    output_ = std::make_shared<Output>();
    ChildOptions options;
    options.program = SEENDR_BINARY;
    options.arguments = std::move(arguments);
    options.environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent"};
    options.on_line = [output = output_](std::string_view line) {
      output->add(line);
    };
    const ChildProcess child = ChildProcess::start(std::move(options));
    return child.wait(60s) ? child.exit_status().value_or(-1) : -1;
  }

  bool said(const std::string& text) { return output_->text().find(text) != std::string::npos; }

  TempFolder temp_;
  std::string folder_ = temp_.path() + "/data";
  std::shared_ptr<Output> output_;
};

TEST_F(CommandsTest, RefuseAWordThatIsNoCommand) {
  EXPECT_EQ(run({"doctor"}), 2);
  EXPECT_TRUE(said("\"doctor\"")) << output_->text();
  EXPECT_EQ(run({"doctor", "--help"}), 2);
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_EQ(run({"admin", "--help"}), 0);
}

TEST_F(CommandsTest, RefuseNumbersOutOfTheirRange) {
  EXPECT_EQ(run({"seed", "--users", "x"}), 2);
  EXPECT_TRUE(said("from 1 to 1000000, not \"x\"")) << output_->text();
  EXPECT_EQ(run({"bench", "match", "--connected", "0"}), 2);
  EXPECT_EQ(run({"bench", "match", "--connected", "10", "--searching", "20"}), 2);
  EXPECT_TRUE(said("--searching")) << output_->text();
}

TEST_F(CommandsTest, ConfigTakesTheDataDirectoryOfTheOthers) {
  EXPECT_EQ(run({"config", "--data-dir", folder_}), 0);
  EXPECT_TRUE(said(folder_)) << output_->text();
  EXPECT_EQ(run({"config", "check", "--data-dir", folder_}), 0);
}

TEST_F(CommandsTest, ServeStartsNoServicesForAPortInUse) {
  const http::Listener taken({.host = "127.0.0.1", .port = 0});
  EXPECT_EQ(run({"serve", "--data-dir", folder_, "--port", std::to_string(taken.port())}), 1);
  EXPECT_TRUE(said("cannot listen on 127.0.0.1")) << output_->text();
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(CommandsTest, MigrateTellsWhatItApplied) {
  EXPECT_EQ(run({"migrate", "--data-dir", folder_}), 0);
  EXPECT_TRUE(said("applied\t0001_schema.sql")) << output_->text();
  EXPECT_FALSE(said("the schema is current")) << output_->text();
  EXPECT_EQ(run({"migrate", "--data-dir", folder_}), 0);
  EXPECT_FALSE(said("applied\t")) << output_->text();
  EXPECT_TRUE(said("the schema is current")) << output_->text();
}

}  // namespace
}  // namespace seendr::test
