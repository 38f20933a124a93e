#include "edge/app/commands.hpp"
#include "edge/app/failure.hpp"
#include "edge/key/device_key.hpp"
#include "edge/outbox/outbox.hpp"
#include "edge/queue/locked_queue.hpp"

#include <iostream>
#include <memory>
#include <string>

namespace edge::app {
namespace {

struct Options {
    std::string key, queue, outbox;
    bool as_json = false;
};

void send(const Options& options)
{
    const auto device = must(load_device_key(options.key));
    const auto locked = must(LockedQueue::open_to_send(options.queue, device));
    must(locked->queue().cut());
    Outbox outbox{locked->disk(), options.outbox, public_key(device)};
    const auto sent = must(send_all(locked->queue(), outbox));
    if (options.as_json)
        std::cout << "{\n  \"sent\": " << sent.batches << ",\n  \"setAside\": " << sent.set_aside
                  << "\n}\n";
    else
        std::cout << "sent       " << sent.batches << " batches\n";
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
        "Not while `seal` runs on the queue: give that one --outbox instead.\n"
        "Example: millrace-edge send --key device.key --queue queue --outbox /media/stick");
    sending->add_option("--key", options->key, "file of the device's key")->required();
    sending->add_option("--queue", options->queue, "folder of the queue")->required();
    sending
        ->add_option("--outbox", options->outbox,
                     "folder, which must be there, in which each batch appears as a folder")
        ->required();
    sending->add_flag("--json", options->as_json, "print one JSON document");
    sending->callback([options] { send(*options); });
}

}  // namespace edge::app
