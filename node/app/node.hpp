#pragma once

#include "node/app/config.hpp"
#include "node/app/home.hpp"
#include "node/app/reload.hpp"

#include <memory>

namespace node {

/// One running peer: every part, built in order, stopped in reverse.
class Node {
public:
    /// Opens the data folder, brings the chain to the end of its log, loads the models, and
    /// listens. Errors are one clear line: what is wrong and, where known, what to do.
    /// `read_again` gives the configuration when it is to be read again; it may be empty.
    static ledger::Result<std::unique_ptr<Node>> start(const Home&, const Config&,
                                                       ReadConfig read_again = {});
    /// As stop().
    ~Node();

    /// Port that HTTP listens on; differs from the configured one when that is 0.
    std::uint16_t http_port() const;

    /// Reads the configuration again on a thread of its own, and takes over what can be changed
    /// while the node runs. The log says what came of it.
    void reload();

    /// Refuses new work, finishes what runs, writes a checkpoint, closes the log.
    void stop();

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts>);
    std::unique_ptr<Parts> parts_;
};

/// Version of this program, as /v1/status and --version say.
std::string_view node_version();

}  // namespace node
