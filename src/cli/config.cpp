// `seendr config [show|check|reference]`
#include "app/settings/config.hpp"

#include <cstdio>

#include "cli/command.hpp"

namespace seendr::cli {

void add_config(CLI::App& program, int& status) {
  CLI::App& command = *program.add_subcommand("config", "Effective configuration and its origin");
  Flags flags;
  flags.data_dir(command);
  const auto what = std::make_shared<std::string>("show");
  command.add_option("what", *what, "show, check or reference")
      ->check(CLI::IsMember({"show", "check", "reference"}));
  command.callback([flags, what, &status] {
    if (*what == "reference") {
      std::fputs(app::settings_reference().c_str(), stdout);
      status = kOk;
      return;
    }
    const app::Settings settings = flags.load();
    if (*what == "check") {
      app::check(settings);
      std::printf("the configuration is valid\n");
    } else {
      std::fputs(settings.show().c_str(), stdout);
    }
    status = kOk;
  });
}

}  // namespace seendr::cli
