#include "edge/app/commands.hpp"
#include "edge/app/failure.hpp"
#include "edge/key/device_key.hpp"
#include "ledger/base/hex.hpp"

#include <iostream>
#include <memory>
#include <string>

namespace edge::app {
namespace {

void show(const ledger::SecretKey& key, bool as_json)
{
    const auto key_text = ledger::to_hex0x(public_key(key).view());
    const auto point = ledger::to_hex0x(*ledger::uncompressed(public_key(key)));
    if (as_json)
        std::cout << "{\n  \"publicKey\": \"" << key_text << "\",\n  \"uncompressed\": \"" << point
                  << "\"\n}\n";
    else
        std::cout << "public key    " << key_text << "\nuncompressed  " << point << "\n";
}

}  // namespace

void add_key_commands(CLI::App& app)
{
    auto* group = app.add_subcommand("key", "The key with which this device signs");
    group->require_subcommand(1);
    struct Options {
        std::string file;
        bool as_json = false;
    };
    const auto options = std::make_shared<Options>();

    auto* make = group->add_subcommand("new", "Draw a key into a file that is not there yet");
    make->footer(
        "The file is for its owner alone (mode 0600) and must not leave the device.\n"
        "Give the public key to the dataset's owner: millrace data enroll DATASET PUBLICKEY.\n"
        "The ledger knows the device by an address, the last 20 bytes of the keccak-256 of the\n"
        "uncompressed key without its first byte.");
    make->add_option("FILE", options->file)->required();
    make->add_flag("--json", options->as_json, "print one JSON document");
    make->callback([options] {
        ledger::SystemRandom random;
        show(must(create_device_key(options->file, random)), options->as_json);
    });

    auto* look = group->add_subcommand("show", "Show the public key");
    look->add_option("FILE", options->file)->required();
    look->add_flag("--json", options->as_json, "print one JSON document");
    look->callback([options] { show(must(load_device_key(options->file)), options->as_json); });
}

}  // namespace edge::app
