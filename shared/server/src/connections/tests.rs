//! How old connections become, and how they begin.

use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use super::*;

proptest! {
    #[test]
    fn ages_differ_by_a_tenth_at_most(random in 0.0_f64..1.0) {
        let age = Duration::from_secs(1800);
        let jittered = jittered(age, random);
        prop_assert!(jittered >= age.mul_f64(0.899_999) && jittered <= age.mul_f64(1.100_001), "{:?}", jittered);
    }
}

async fn hello(bytes: &[u8]) -> Option<bool> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut read, _write) = listener.accept().await.unwrap().0.into_split();
    client.write_all(bytes).await.unwrap();
    timeout(Duration::from_secs(10), says_hello(&mut read)).await.ok()?.ok()
}

#[tokio::test]
async fn what_is_not_http2_is_known_at_its_first_wrong_byte() {
    assert_eq!(hello(PREFACE).await, Some(true));
    for wrong in [&b"GET / HTTP/1.1\r\n"[..], b"\x16\x03\x01", b"PRI * HTTP/1"] {
        assert_eq!(hello(wrong).await, Some(false), "{wrong:?}");
    }
}
