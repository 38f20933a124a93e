#include "edge/app/commands.hpp"
#include "edge/app/destination.hpp"
#include "edge/app/failure.hpp"
#include "edge/key/device_key.hpp"
#include "edge/queue/locked_queue.hpp"

#include <iostream>
#include <memory>
#include <string>

namespace edge::app {
namespace {

struct Options {
    std::string key, queue;
    Destination destination;
    bool as_json = false;
};

void send(const Options& options)
{
    if (!options.destination.is_given())
        fail(Fault::usage, "say where batches go: --outbox FOLDER or --node URL");
    const auto device = must(load_device_key(options.key));
    const auto locked = must(LockedQueue::open_to_send(options.queue, device));
    const auto sender = options.destination.open(locked->disk(), public_key(device));
    must(locked->queue().cut());
    const auto sent = must(send_all(locked->queue(), *sender));
    if (options.as_json)
        std::cout << "{\n  \"sent\": " << sent.batches << ",\n  \"setAside\": " << sent.set_aside
                  << ",\n  \"refused\": " << sent.refused << "\n}\n";
    else
        std::cout << "sent       " << sent.batches << " batches\n";
    if (sent.refusal)
        fail(Fault::denied, std::to_string(sent.refused) +
                                " batches were not taken and stay in the queue; the first: " +
                                sent.refusal->detail);
    if (sent.set_aside != 0)
        fail(Fault::damaged, std::to_string(sent.set_aside) +
                                 " batches are damaged and stay in the queue's folder");
}

}  // namespace

void add_send_command(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    auto* sending = app.add_subcommand("send", "Deliver the closed batches, each once");
    sending->footer(
        "Not while `seal` runs on the queue: tell that one where they go instead.\n"
        "Example: millrace-edge send --key device.key --queue queue --outbox /media/stick\n"
        "         millrace-edge send --key device.key --queue queue --node https://farm.example");
    sending->add_option("--key", options->key, "file of the device's key")->required();
    sending->add_option("--queue", options->queue, "folder of the queue")->required();
    options->destination.add_to(*sending);
    sending->add_flag("--json", options->as_json, "print one JSON document");
    sending->callback([options] { send(*options); });
}

}  // namespace edge::app
