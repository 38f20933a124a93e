#include "edge/app/commands.hpp"
#include "edge/app/destination.hpp"
#include "edge/app/failure.hpp"
#include "edge/app/sealing_run.hpp"
#include "edge/key/device_key.hpp"
#include "ledger/base/hex.hpp"

#include <memory>
#include <string>
#include <vector>

namespace edge::app {
namespace {

struct Words {
    std::string key, queue, network, dataset, schema, meta, from;
    std::string shares = "bytes", when_full = "refuse", after = "keep";
    std::vector<std::string> masters;
    bool rows = false;
    QueueOptions queue_options;
    RunOptions run;
    Destination destination;
};

ledger::Hash hash_of(const std::string& text, const char* what)
{
    const auto id = ledger::id_from_hex<ledger::Hash>(text);
    if (!id) fail(Fault::usage, std::string{what} + " is 64 hex digits, not " + text);
    return *id;
}

QueueOptions options_of(const Words& words)
{
    auto options = words.queue_options;
    options.network = hash_of(words.network, "a network's id");
    options.dataset = hash_of(words.dataset, "a dataset's id");
    if (!words.schema.empty()) options.schema = hash_of(words.schema, "a schema's hash");
    if (!words.meta.empty()) options.meta = hash_of(words.meta, "the hash of what is told");
    for (const auto& text : words.masters) {
        const auto key = ledger::id_from_hex<ledger::X25519PublicKey>(text);
        if (!key) fail(Fault::usage, "a master key is 64 hex digits, not " + text);
        options.masters.push_back(*key);
    }
    options.shares = words.shares == "rows" ? SharesRule::rows : SharesRule::bytes;
    options.when_full = words.when_full == "refuse" ? WhenFull::refuse : WhenFull::drop_oldest;
    return options;
}

void seal(const Words& words)
{
    if (words.rows == !words.from.empty())
        fail(Fault::usage, "say where items come from: --from FOLDER or --rows");
    auto run = words.run;
    run.folder = {words.from, words.after == "delete", run.folder.quiet_ms};
    const auto device = must(load_device_key(words.key));
    const auto locked = must(LockedQueue::open(words.queue, device, options_of(words)));
    SealingRun{device, *locked, run, words.destination.open(locked->disk(), public_key(device))}
        .run();
}

void add_queue_options(CLI::App& sealing, Words& words)
{
    auto& options = words.queue_options;
    sealing.add_option("--key", words.key, "file of the device's key")->required();
    sealing.add_option("--queue", words.queue, "folder of the queue; made when missing")
        ->required();
    sealing.add_option("--network", words.network, "id of the network: 64 hex digits")->required();
    sealing.add_option("--dataset", words.dataset, "id of the dataset: 64 hex digits")->required();
    sealing
        .add_option("--to", words.masters,
                    "public master key to seal to: 64 hex digits; may be repeated")
        ->required();
    sealing.add_option("--schema", words.schema, "SHA-256 of the description of an item");
    sealing.add_option("--meta", words.meta, "SHA-256 of what is told about the batches");
    sealing.add_option("--shares", words.shares, "what the dataset counts")
        ->check(CLI::IsMember({"bytes", "rows"}))
        ->capture_default_str();
    sealing.add_option("--budget", options.budget_bytes, "bytes on the disk for all batches")
        ->transform(CLI::AsSizeValue(false))
        ->capture_default_str();
    sealing
        .add_option("--when-full", words.when_full,
                    "refuse: files wait in their folder, rows in their pipe; drop-oldest: batch by "
                    "batch, counted")
        ->check(CLI::IsMember({"refuse", "drop-oldest"}))
        ->capture_default_str();
    sealing.add_option("--cut-bytes", options.cut_bytes, "close a batch that is this long")
        ->transform(CLI::AsSizeValue(false))
        ->capture_default_str();
    sealing.add_option("--cut-seconds", options.cut_seconds, "close a batch that is this old")
        ->capture_default_str();
    sealing
        .add_option("--first-batch", options.first_batch,
                    "number of a new queue's first batch: above all that this device used")
        ->capture_default_str();
}

}  // namespace

void add_seal_command(CLI::App& app)
{
    const auto words = std::make_shared<Words>();
    auto* sealing =
        app.add_subcommand("seal", "Seal files or rows into batches, until told to stop");
    sealing->footer(
        "Every item is sealed before it is written; only the master keys open it. When the "
        "program\n"
        "or the machine stops, what was taken is kept, once. Stops on SIGTERM and SIGINT after it\n"
        "has closed the last batch. Settings may stand in a file (millrace-edge --config FILE "
        "seal):\n"
        "below a line [seal], as NAME = VALUE.\n"
        "Example: millrace-edge seal --key device.key --queue queue --network 0x... --dataset "
        "0x...\n"
        "             --to 0x... --from photos --after delete --outbox /media/stick");
    add_queue_options(*sealing, *words);
    sealing->add_option("--from", words->from,
                        "folder: each file in it is an item, hidden ones are not; a changed one is "
                        "another item");
    sealing->add_option("--after", words->after, "what becomes of a file that was taken")
        ->check(CLI::IsMember({"keep", "delete"}))
        ->capture_default_str();
    sealing
        ->add_option("--quiet-ms", words->run.folder.quiet_ms,
                     "a file that changed less long ago is still being written")
        ->capture_default_str();
    sealing->add_flag("--rows", words->rows, "each line of standard input is a row, to its end");
    sealing->add_flag("--acknowledge", words->run.acknowledges,
                      "print how many rows are safe, whenever that grows");
    sealing->add_option("--sync-ms", words->run.sync_ms, "rows are on the disk after so long")
        ->check(CLI::Range(0, 3'600'000))
        ->capture_default_str();
    sealing->add_option("--poll-ms", words->run.poll_ms, "time between looks at the folder")
        ->check(CLI::Range(10, 3'600'000))
        ->capture_default_str();
    sealing->add_flag("--once", words->run.once, "take what is in the folder now, and stop");
    words->destination.add_to(*sealing);
    sealing->callback([words] { seal(*words); });
}

}  // namespace edge::app
