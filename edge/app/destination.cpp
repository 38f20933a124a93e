#include "edge/app/destination.hpp"

#include "edge/app/failure.hpp"
#include "edge/outbox/outbox.hpp"
#include "edge/upload/node_sender.hpp"

#include <fstream>

namespace edge::app {

void Destination::add_to(CLI::App& app)
{
    auto* outbox = app.add_option("--outbox", outbox_,
                                  "folder in which each closed batch appears as a folder, while it "
                                  "is there");
    auto* node = app.add_option("--node", node_,
                                "URL of a node with an inbox for the dataset, that closed batches "
                                "are sent to, while it is there");
    app.add_option("--authorities", authorities_,
                   "PEM file of certificates that vouch for an https node, instead of the system's")
        ->needs(node);
    outbox->excludes(node);
}

std::unique_ptr<Sender> Destination::open(ledger::Disk& disk, const ledger::PublicKey& device) const
{
    if (!outbox_.empty()) return std::make_unique<Outbox>(disk, outbox_, device);
    if (node_.empty()) return nullptr;
    auto url = web::parse_url(node_);
    if (!url) fail(Fault::usage, url.error().message);
    if (!authorities_.empty() && !std::ifstream{authorities_})
        fail(Fault::not_found, "cannot read " + authorities_);
    return std::make_unique<NodeSender>(std::move(*url), web::HttpTrust{authorities_}, device);
}

}  // namespace edge::app
