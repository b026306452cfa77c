//! The proxy over real sockets: what must come to pass, and never when.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;
use crate::{eventually, fault::Toxic};

const PATIENCE: Duration = Duration::from_secs(30);

/// A server that says back whatever it hears.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
    address
}

async fn says_back(client: &mut TcpStream, word: &[u8]) -> io::Result<Vec<u8>> {
    client.write_all(word).await?;
    let mut heard = vec![0; word.len()];
    client.read_exact(&mut heard).await?;
    Ok(heard)
}

#[tokio::test]
async fn it_passes_on_and_passes_the_end_on() {
    let proxy = Proxy::start(echo().await, 1).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(says_back(&mut client, b"hello").await.unwrap(), b"hello");
    client.write_all(b"bye").await.unwrap();
    client.shutdown().await.unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "bye", "a half-closed connection still answers");
    eventually!(proxy.connections() == 0, PATIENCE);
    assert_eq!(proxy.accepted(), 1);
}

#[tokio::test]
async fn a_reset_is_a_real_one() {
    let proxy = Proxy::start(echo().await, 1).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(says_back(&mut client, b"hello").await.unwrap(), b"hello");
    let reset = Toxic::ResetPeer { after: Duration::ZERO };
    proxy.add("reset", Spoil::downstream(reset)).unwrap();
    let error = client.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn toxics_come_change_and_go_while_a_connection_lives() {
    let proxy = Proxy::start(echo().await, 1).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(says_back(&mut client, b"one").await.unwrap(), b"one");

    let hold = Spoil::upstream(Toxic::Timeout { after: None });
    proxy.add("hold", hold).unwrap();
    assert!(matches!(proxy.add("hold", hold), Err(FaultError::Exists(_))));
    // What is held back, and for how long, is for the paused clock of `pump_tests.rs`.
    client.write_all(b"two").await.unwrap();
    let mut heard = [0; 3];

    let slice = Toxic::Slicer {
        size: 1,
        pause: Duration::ZERO,
    };
    proxy.change("hold", Spoil::upstream(slice)).unwrap();
    client.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"two");

    proxy.remove("hold").unwrap();
    assert!(matches!(proxy.remove("hold"), Err(FaultError::Unknown(_))));
    assert!(matches!(proxy.change("hold", hold), Err(FaultError::Unknown(_))));
    assert_eq!(says_back(&mut client, b"three").await.unwrap(), b"three");
}

#[tokio::test]
async fn down_refuses_and_up_is_the_same_address() {
    let proxy = Proxy::start(echo().await, 1).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(says_back(&mut client, b"one").await.unwrap(), b"one");

    proxy.down().await;
    assert!(says_back(&mut client, b"two").await.is_err(), "what lived is reset");
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);

    proxy.up().await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(says_back(&mut client, b"three").await.unwrap(), b"three");
}

#[tokio::test]
async fn a_black_hole_tells_nobody_and_loses_nothing() {
    let proxy = Proxy::start(echo().await, 1).await.unwrap();
    let mut before = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(says_back(&mut before, b"one").await.unwrap(), b"one");
    proxy.black_hole().await.unwrap();
    let mut during = TcpStream::connect(proxy.address()).await.unwrap();
    for client in [&mut before, &mut during] {
        client.write_all(b"two").await.unwrap();
    }
    proxy.up().await.unwrap();
    for client in [&mut before, &mut during] {
        let mut heard = [0; 3];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"two", "it was only held back");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_reset() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let proxy = Proxy::start(nobody, 1).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(client.read(&mut [0; 1]).await.is_err());
}

#[tokio::test]
async fn a_proxy_that_is_dropped_leaves_no_connection() {
    let proxy = Proxy::start(echo().await, 1).await.unwrap();
    let address = proxy.address();
    let mut client = TcpStream::connect(address).await.unwrap();
    assert_eq!(says_back(&mut client, b"one").await.unwrap(), b"one");
    drop(proxy);
    assert!(says_back(&mut client, b"two").await.is_err());
    eventually("nobody listens", PATIENCE, async || {
        TcpStream::connect(address).await.err()
    })
    .await;
}
