#include "edge/app/commands.hpp"
#include "edge/app/failure.hpp"
#include "edge/queue/queue_status.hpp"
#include "ledger/base/hex.hpp"

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace edge::app {
namespace {

void show(const QueueStatus& status, bool as_json)
{
    const std::vector<std::pair<std::string, std::string>> texts = {
        {"network", ledger::to_hex0x(status.identity.network.view())},
        {"dataset", ledger::to_hex0x(status.identity.dataset.view())},
        {"device", ledger::to_hex0x(status.identity.device.view())}};
    const std::vector<std::pair<std::string, std::uint64_t>> numbers = {
        {"batches", status.batches},
        {"batchItems", status.batch_items},
        {"batchBytes", status.batch_bytes},
        {"openItems", status.open_items},
        {"fileBytes", status.file_bytes},
        {"oldestBegunAt", status.oldest_begun_at},
        {"nextBatch", status.next_batch},
        {"sent", status.counts.sent},
        {"droppedBatches", status.counts.dropped_batches},
        {"droppedItems", status.counts.dropped_items},
        {"damaged", status.counts.damaged},
        {"setAside", status.set_aside}};
    if (!as_json) {
        for (const auto& [name, text] : texts)
            std::cout << name << std::string(16 - name.size(), ' ') << text << "\n";
        for (const auto& [name, number] : numbers)
            std::cout << name << std::string(16 - name.size(), ' ') << number << "\n";
        return;
    }
    std::cout << "{\n";
    for (const auto& [name, text] : texts)
        std::cout << "  \"" << name << "\": \"" << text << "\",\n";
    for (std::size_t i = 0; i < numbers.size(); ++i)
        std::cout << "  \"" << numbers[i].first << "\": " << numbers[i].second
                  << (i + 1 < numbers.size() ? ",\n" : "\n");
    std::cout << "}\n";
}

}  // namespace

void add_status_command(CLI::App& app)
{
    struct Options {
        std::string queue;
        bool as_json = false;
    };
    const auto options = std::make_shared<Options>();
    auto* status = app.add_subcommand("status", "What waits in a queue, also while it is in use");
    status->footer(
        "batches: closed and not sent, with their items and bytes of ciphertext; openItems: on "
        "the\n"
        "disk in a batch that is not closed; fileBytes: what counts against the budget;\n"
        "oldestBegunAt: seconds since 1970, 0 for none; damaged: files that were found damaged,\n"
        "setAside: those still there as NUMBER.damaged.");
    status->add_option("--queue", options->queue, "folder of the queue")->required();
    status->add_flag("--json", options->as_json, "print one JSON document");
    status->callback([options] {
        ledger::PosixDisk disk;
        show(must(look_at_queue(disk, options->queue)), options->as_json);
    });
}

}  // namespace edge::app
