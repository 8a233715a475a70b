package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
)

// gate stands before FerretDB and lets one write through at a time.
//
// MongoDB promises that the filter of an update still holds at the moment of its write ("Atomicity and Transactions" in its manual),
// and a compare-and-set is built on that. FerretDB 1.24 reads, filters and writes one after the other without a lock (updateDocument in
// internal/handler/msg_update.go): of twenty updates with one filter, several take effect. Here it keeps MongoDB's promise.
type gate struct {
	socket string
	write  sync.Mutex
}

func (g *gate) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go g.pass(client)
	}
}

// pass hands messages back and forth until either side ends.
func (g *gate) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", g.socket)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return
		}
		reply, err := g.exchange(server, request)
		if err != nil {
			return
		}
		if _, err := client.Write(reply); err != nil {
			return
		}
	}
}

// exchange asks the server and waits for its reply: FerretDB answers every message.
func (g *gate) exchange(server net.Conn, request []byte) ([]byte, error) {
	if isWrite(request) {
		g.write.Lock()
		defer g.write.Unlock()
	}
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	return readMessage(server)
}

const (
	headerBytes = 16
	opMsg       = 2013
	// Flags (4 bytes), the kind of the first section (1), its document's length (4) and the type of its first element (1) come before
	// that element's name, which is the command's.
	nameAt = headerBytes + 4 + 1 + 4 + 1
	// As FerretDB tells its clients.
	longestMessage = 48_000_000
)

func readMessage(from io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size < headerBytes || size > longestMessage {
		return nil, errors.New("not a message of MongoDB's wire protocol")
	}
	message := make([]byte, size)
	copy(message, length[:])
	_, err := io.ReadFull(from, message[len(length):])
	return message, err
}

func isWrite(message []byte) bool {
	if len(message) <= nameAt || binary.LittleEndian.Uint32(message[12:]) != opMsg {
		return false
	}
	name, _, _ := bytes.Cut(message[nameAt:], []byte{0})
	switch string(name) {
	case "insert", "update", "delete", "findAndModify":
		return true
	}
	return false
}
