#include "bench/load/net_member.hpp"

namespace bench {

using namespace ledger;

void Finals::add(std::size_t count, std::uint64_t height)
{
    const std::lock_guard lock{mutex_};
    count_ += count;
    height_ = height;
    changed_.notify_all();
}

void Finals::wait_for(std::size_t count)
{
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, std::chrono::minutes{3}, [&] { return count_ >= count; }))
        throw std::runtime_error{"the network does not finish what it was given"};
}

bool Finals::wait_for_height(std::uint64_t height, std::chrono::seconds patience)
{
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return height_ >= height; });
}

std::size_t Finals::count() const
{
    const std::lock_guard lock{mutex_};
    return count_;
}

NetMember::NetMember(const Wanted& wanted)
{
    std::filesystem::create_directories(wanted.folder);
    StoreOptions options;
    options.cache_bytes = std::size_t{32} << 20;
    options.state_cache_bytes = std::size_t{16} << 20;
    options.write_buffer_bytes = std::size_t{8} << 20;
    store_ = must(open_rocks_store(wanted.folder / "store", options));
    chain_network_ = fill_store(*store_, wanted.people, wanted.validators);
    chain_ = must(node::Chain::open(*chain_network_, *store_));
    node::LedgerServiceLimits limits;
    limits.log.segment_bytes = std::size_t{16} << 20;
    const bool votes = wanted.index < wanted.validators;
    // Where many validators share the processors, threads of their own would only wait for each
    // other; who catches up has them to itself, as a node does.
    if (!votes) limits.work_threads = std::thread::hardware_concurrency();
    service_ = must(node::LedgerService::open(
        {*chain_network_, *chain_, *store_, disk_, (wanted.folder / "log").string(), clock_,
         random_, votes ? std::optional{validator_key(wanted.index)} : std::nullopt, &bridge_},
        limits));
    node::PeerNetworkConfig config{chain_network_->genesis.chain_id, chain_network_->genesis_id,
                                   *node::address_from_text("127.0.0.1:1")};
    config.listen.port = 0;
    network_ = std::make_unique<node::PeerNetwork>(std::move(config), peer_key(wanted.index),
                                                   clock_, peer_random_, bridge_);
    bridge_.join(*network_, *service_);
    service_->on_epoch([this](std::uint64_t epoch, std::set<PublicKey> keys) {
        keys.erase(network_->key());
        network_->set_validators(std::move(keys));
        network_->set_epoch(epoch);
    });
    service_->on_block([this](const node::FinalBlock& block) {
        finals_.add(block.tx_ids.size(), block.head.header.height.value);
    });
}

NetMember::~NetMember()
{
    network_->stop();
    service_->stop();
}

void NetMember::start()
{
    service_->start();
    must(network_->start());
}

void NetMember::dial(const NetMember& other)
{
    network_->add_fixed_peer({other.network_->key(), other.network_->local()});
}

void NetMember::submit(Bytes transaction, std::atomic<std::size_t>& refused)
{
    service_->submit(std::move(transaction), [&refused](const node::Submitted& submitted) {
        if (!submitted) ++refused;
    });
}

std::uint64_t NetMember::bytes_out() const
{
    std::uint64_t bytes = 0;
    for (const auto& peer : network_->peers()) bytes += peer.bytes_out;
    return bytes;
}

}  // namespace bench
