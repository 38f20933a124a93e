#pragma once

#include "edge/outbox/sender.hpp"
#include "ledger/disk/disk.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace edge::app {

/// Where batches go, on the command line: a folder or a node.
class Destination {
public:
    void add_to(CLI::App&);
    bool is_given() const { return !outbox_.empty() || !node_.empty(); }
    /// Null where none is given; throws where the words make no sense. `disk` must outlive it.
    std::unique_ptr<Sender> open(ledger::Disk& disk, const ledger::PublicKey& device) const;

private:
    std::string outbox_, node_, authorities_;
};

}  // namespace edge::app
