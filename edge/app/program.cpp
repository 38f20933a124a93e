#include "edge/app/program.hpp"

#include "edge/app/commands.hpp"
#include "edge/app/failure.hpp"
#include "edge/millrace_edge.h"

#include <exception>
#include <iostream>
#include <string>

namespace edge::app {
namespace {

constexpr const char* description =
    "millrace-edge - seal what a device records, sign it, keep it, and send it when there is a "
    "way.";

constexpr const char* footer =
    "Exit status: 0 done, also when asked to stop; 1 wrong usage; 3 not found; 4 busy, or the "
    "outbox\n"
    "is not there now; 5 permissions, or the queue of another device; 6 damaged; 7 full, the disk "
    "or\n"
    "the budget; 9 anything else.\n"
    "Begin with: millrace-edge key new device.key";

std::string version_text()
{
    return "millrace-edge " + std::to_string(MLR_VERSION >> 16) + "." +
           std::to_string(MLR_VERSION >> 8 & 0xff) + "." + std::to_string(MLR_VERSION & 0xff);
}

int report(Fault fault, const std::string& message)
{
    std::cerr << "millrace-edge: " << message << std::endl;
    return static_cast<int>(fault);
}

}  // namespace

int run(int argc, const char* const* argv)
try {
    CLI::App app{description, "millrace-edge"};
    app.footer(footer);
    app.require_subcommand(1);
    app.set_version_flag("--version", version_text());
    app.set_config("--config", "", "file of settings: [COMMAND], then NAME = VALUE");
    add_key_commands(app);
    add_seal_command(app);
    add_send_command(app);
    add_status_command(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& done) {
        return app.exit(done);
    } catch (const CLI::ParseError& wrong) {
        return report(Fault::usage, wrong.what() + std::string{"\nMore: millrace-edge --help"});
    }
    return 0;
} catch (const Failure& failure) {
    return report(failure.fault, failure.message);
} catch (const std::exception& problem) {
    return report(Fault::failed, problem.what());
}

}  // namespace edge::app
